import Coordination
import Execution
import ExperimentModel

/// Which trials a worker holds, and what an answer to a renewal means for them: a state machine without time or I/O.
///
/// Drawn in `docs/state-machines.md`: free → running → finishing → free.
struct SlotBoard: Sendable, Equatable {
    /// What a slot does with its trial.
    enum Phase: Sendable, Equatable {
        /// The trial's process runs.
        case running
        /// The process has ended; its result is on the way to the store.
        case finishing
    }

    /// A trial in a slot.
    struct Holding: Sendable, Equatable {
        var attempt: Int
        var phase: Phase
        /// The time-out that its attempt was given, in seconds; `nil` means without end.
        var timeoutSeconds: Double?
    }

    /// What to do after a renewal.
    enum Action: Sendable, Equatable {
        /// Stop the process of a trial.
        case stop(TrialID, StopReason)
        /// Give the attempt of a trial another time-out, in seconds from its start; `nil` means without end.
        case setTimeout(TrialID, Double?)
        /// The store believes that we run this, but no slot does: a claim whose reply was lost.
        case giveBack(TrialID, attempt: Int)
        /// Something is unclear that a second answer settles.
        case renewAgain
    }

    private(set) var held: [TrialID: Holding] = [:]
    /// Trials that the last answer named and no slot held.
    private var suspects: [TrialID: Int] = [:]
    /// Attempts that were given back while the reply to their claim may still come.
    private var givenBack: [TrialID: Int] = [:]

    /// A slot has taken a trial.
    /// - Returns: to stop an earlier attempt of it that another slot still runs: the store would not have given the trial
    ///   away if that one had kept its lease.
    mutating func claimed(_ id: TrialID, attempt: Int) -> Action? {
        let earlier = held.updateValue(Holding(attempt: attempt, phase: .running), forKey: id)
        return earlier?.phase == .running ? .stop(id, .leaseLost) : nil
    }

    /// An attempt that no slot holds is about to be given back: should the reply to its claim still come, it must not run.
    mutating func givingBack(_ id: TrialID, attempt: Int) { givenBack[id] = attempt }

    /// Whether an attempt was given back before the reply to its claim came: another worker may run the trial by now.
    func isGivenBack(_ id: TrialID, attempt: Int) -> Bool { givenBack[id] == attempt }

    /// No reply to a claim can come any more.
    mutating func noClaimIsUnderWay() { givenBack = [:] }

    /// The attempt of a trial was given its time-out.
    mutating func began(_ id: TrialID, attempt: Int, timeoutSeconds: Double?) {
        if held[id]?.attempt == attempt { held[id]?.timeoutSeconds = timeoutSeconds }
    }

    /// The process of an attempt has ended.
    mutating func finishing(_ id: TrialID, attempt: Int) {
        // A trial may be back in another slot before this one is done with its last attempt.
        if held[id]?.attempt == attempt { held[id]?.phase = .finishing }
    }

    /// The slot of an attempt is free again.
    mutating func released(_ id: TrialID, attempt: Int) {
        if held[id]?.attempt == attempt { held[id] = nil }
    }

    /// Takes in the answer to a renewal.
    /// - Parameter before: what was held when the renewal was sent. A trial claimed since cannot be in the answer.
    mutating func renewed(_ answer: [HeldTrial], heldBefore before: [TrialID: Holding]) -> [Action] {
        var actions: [Action] = []
        let answered = Dictionary(answer.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        for (id, earlier) in before.sorted(by: { $0.key < $1.key }) {
            guard let holding = held[id], holding.attempt == earlier.attempt, holding.phase == .running else {
                continue
            }
            guard let current = answered[id], current.attempt == holding.attempt else {
                actions.append(.stop(id, .leaseLost))
                continue
            }
            if current.timeoutSeconds != holding.timeoutSeconds {
                held[id]?.timeoutSeconds = current.timeoutSeconds
                actions.append(.setTimeout(id, current.timeoutSeconds))
            }
            if let order = current.order { actions.append(.stop(id, StopReason(order))) }
        }
        // A claim or a result may be on its way just now, so only what two answers in a row name is an orphan.
        var nextSuspects: [TrialID: Int] = [:]
        for current in answer where held[current.id] == nil {
            if suspects[current.id] == current.attempt {
                actions.append(.giveBack(current.id, attempt: current.attempt))
            } else {
                nextSuspects[current.id] = current.attempt
            }
        }
        suspects = nextSuspects
        if !nextSuspects.isEmpty { actions.append(.renewAgain) }
        return actions
    }
}
