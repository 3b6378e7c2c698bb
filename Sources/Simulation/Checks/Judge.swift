import Coordination
import ExperimentModel
import MemoryTrialStore

/// Looks at the store after every call that may have changed something, and says what must not be.
///
/// It knows what was there before, which call came, what was answered, and what really ran (``Journal``). To add an
/// invariant: a method here or in an extension that calls ``fail(_:)``, called from ``look(at:after:from:_:now:)`` for what
/// must hold after every step, or from `Judge+End.swift` for what must hold at the end.
final class Judge: Sendable {
    /// One experiment as it was after the last call.
    struct Record: Sendable {
        var experiment: Experiment
        var trials: [Int: Trial] = [:]
        /// The node that was given each epoch.
        var leaders: [Int: Int] = [:]
        /// Results that were answered as accepted.
        var accepted: [AttemptID: AttemptOutcome] = [:]
        /// Trials that a person wanted tried again.
        var retried: Set<Int> = []
        /// The attempt at which a trial was made new for a person.
        var retriedAfter: [Int: Int] = [:]
        /// Numbers that were promised when a person last lowered `max_trials`.
        var promisedBeforeLowering = 0
    }

    struct AttemptID: Sendable, Hashable {
        var trial: TrialID
        var attempt: Int
    }

    let journal: Journal
    let counts: FaultCounts
    let trace: Trace
    let state: Confined<[ExperimentID: Record]> = Confined([:])
    private let found = Confined<[String]>([])
    /// The latest time that the store's clock has shown: it may step back between what a leader saw of it and its write.
    let latest = Confined(Timestamp(milliseconds: 0))

    init(journal: Journal, counts: FaultCounts, trace: Trace) {
        self.journal = journal
        self.counts = counts
        self.trace = trace
    }

    /// What is wrong.
    var findings: [String] { found.value }

    /// Experiments as they are.
    var records: [Record] { state.value.values.sorted { $0.experiment.id < $1.experiment.id } }

    func fail(_ text: String) {
        guard !found.value.contains(text) else { return }
        found.value.append(text)
        trace.note("judge", "WRONG: \(text)")
    }

    /// Compares the store with what it was before a call.
    /// - Parameter result: the answer, whether or not the caller will hear it.
    func look(
        at memory: MemoryTrialStore,
        after call: StoreCall,
        from node: SimulatedNode,
        _ result: Result<any Sendable, any Error>,
        now: Timestamp
    ) async {
        latest.value = max(latest.value, now)
        guard case .success(let answer) = result else {
            if case .failure(TrialStoreError.leadLost) = result { counts.add(.staleWrite) }
            return
        }
        let ids = call.experiment.map { [$0] } ?? state.value.keys.sorted()
        for id in ids {
            guard let experiment = await memory.experiment(id) else { continue }
            let known = state.value[id]
            let record = known ?? Record(experiment: experiment)
            var next = record
            next.experiment = experiment
            look(from: record, to: experiment, after: call, from: node, answer, now: now, &next)
            if call.touchesTrials(answer) || known == nil {
                let trials = await memory.trials(of: id, .all)
                look(at: trials, in: &next, before: record, after: call, answer, now: now)
            }
            state.value[id] = next
        }
    }
}

extension StoreCall {
    /// Whether it may have changed trials.
    fileprivate func touchesTrials(_ answer: any Sendable) -> Bool {
        switch self {
        case .takeLead, .renewLead, .releaseLead, .setPaused, .requestEnd, .enqueue, .create: false
        case .claim: (answer as? Trial) != nil
        case .renewLeases: !((answer as? [HeldTrial]) ?? []).isEmpty
        case .read, .aside: false
        default: true
        }
    }
}
