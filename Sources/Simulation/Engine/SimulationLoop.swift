import HeapModule

/// Runs everything of a simulation on the calling thread: a ready piece of work at random, and when nothing is ready, the
/// next event of the virtual clock.
final class SimulationLoop: Sendable {
    /// Why the loop stopped.
    enum End: Sendable, Equatable {
        case conditionMet
        /// Nothing is ready and nobody waits for the clock.
        case idle
        /// The virtual time is over.
        case timeOver
        /// So much work without an end that something runs in a circle.
        case tooMuchWork
    }

    /// Something to run for a node.
    enum Work: Sendable {
        case job(UnownedJob)
        case action(@Sendable () -> Void)
    }

    /// Pieces of work in one simulation, after which it is taken for one that never ends.
    static let largestWork = 5_000_000

    private struct Event: Comparable {
        var time: Duration
        /// Events of the same moment happen in the order in which they were made.
        var order: Int
        var action: @Sendable () -> Void

        static func < (left: Event, right: Event) -> Bool { (left.time, left.order) < (right.time, right.order) }
        static func == (left: Event, right: Event) -> Bool { left.order == right.order }
    }

    private struct State {
        var now: Duration = .zero
        var ready: [(node: SimulatedNode, work: Work)] = []
        var events = Heap<Event>()
        var lastOrder = 0
        var workDone = 0
        var digest = Digest()
    }

    private let state = Confined(State())
    private let draws: Draws

    init(seed: UInt64) { draws = Draws(seed: seed, purpose: "schedule") }

    /// Virtual time since the beginning.
    var now: Duration { state.value.now }
    /// Pieces of work so far.
    var workDone: Int { state.value.workDone }
    /// Depends on everything that was done, in its order: equal for equal runs.
    var digest: UInt64 { state.value.digest.value }

    /// Puts a fact into the digest.
    func note(_ fact: UInt64) { state.value.digest.combine(fact) }

    /// Makes work ready.
    func ready(_ work: Work, on node: SimulatedNode) { state.value.ready.append((node, work)) }

    /// Does something when time has passed, whatever the state of any node.
    func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) {
        state.value.lastOrder += 1
        let time = state.value.now + max(delay, .zero)
        state.value.events.insert(Event(time: time, order: state.value.lastOrder, action: action))
    }

    /// Runs until `condition` holds, which is asked after every event of the clock, or until it cannot go on.
    func run(until condition: () -> Bool = { false }, limit: Duration) -> End {
        while true {
            runReady()
            if condition() { return .conditionMet }
            if state.value.workDone >= Self.largestWork { return .tooMuchWork }
            guard let next = state.value.events.min else { return .idle }
            guard next.time <= limit else {
                state.value.now = limit
                return .timeOver
            }
            let event = state.value.events.removeMin()
            state.value.now = event.time
            event.action()
        }
    }

    private func runReady() {
        while !state.value.ready.isEmpty, state.value.workDone < Self.largestWork {
            let count = state.value.ready.count
            let index = count == 1 ? 0 : draws.number(below: count)
            state.value.ready.swapAt(index, count - 1)
            let (node, work) = state.value.ready.removeLast()
            if node.keepsBack(work) { continue }
            state.value.workDone += 1
            state.value.digest.combine(UInt64(node.index))
            switch work {
            case .job(let job): job.runSynchronously(on: node.asUnownedTaskExecutor())
            case .action(let action): action()
            }
        }
    }
}

/// A hash of a sequence of numbers that is the same in every process.
struct Digest: Sendable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ number: UInt64) {
        value = (value ^ number) &* 0x0000_0100_0000_01b3
        value ^= value >> 29
    }

    mutating func combine(_ text: String) {
        for byte in text.utf8 { combine(UInt64(byte)) }
    }
}
