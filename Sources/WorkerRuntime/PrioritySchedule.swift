import ExperimentModel

/// Shares a worker's turns between experiments by their priorities: each step doubles the share, and none starves.
///
/// Stride scheduling: every turn moves an experiment forward by a stride that is the shorter the higher its priority, and the
/// one that is furthest behind has the next turn. One that had nothing to claim for a while, or is new, begins where the
/// others are: it neither waits nor makes up for lost turns.
/// Waldspurger and Weihl (1995), "Stride Scheduling: Deterministic Proportional-Share Resource Management".
struct PrioritySchedule: Sendable {
    /// Priorities outside count as the nearest bound: the highest has 256 turns for one of the lowest.
    static let priorities: ClosedRange<Int> = -4...4

    private struct Member: Sendable {
        var stride: Int64
        var position: Int64
    }

    private var members: [ExperimentID: Member] = [:]
    /// Decides between those that are equally far: the order in which the experiments were given.
    private var order: [ExperimentID] = []
    /// Where the last turn began.
    private var now: Int64 = 0

    /// Sets who takes part; those that did before keep their positions.
    mutating func update(_ experiments: [(id: ExperimentID, priority: Int)]) {
        let before = members
        members = [:]
        for (id, priority) in experiments {
            members[id] = Member(stride: Self.stride(priority), position: before[id]?.position ?? now)
        }
        order = experiments.map(\.id)
    }

    /// The experiments in the order in which to try them.
    func candidates() -> [ExperimentID] {
        order.enumerated()
            .map { (position: members[$1]?.position ?? now, index: $0, id: $1) }
            .sorted { ($0.position, $0.index) < ($1.position, $1.index) }
            .map(\.id)
    }

    /// An experiment has had a turn.
    mutating func served(_ id: ExperimentID) {
        guard let member = members[id] else { return }
        now = max(now, member.position)
        members[id]?.position = now + member.stride
    }

    private static func stride(_ priority: Int) -> Int64 {
        let clamped = min(max(priority, priorities.lowerBound), priorities.upperBound)
        return 1 << Int64(priorities.upperBound - clamped)
    }
}
