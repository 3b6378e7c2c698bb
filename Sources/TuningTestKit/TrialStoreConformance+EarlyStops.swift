import Coordination
import ExperimentModel

extension TrialStoreConformance {
    private static func report(_ trial: TrialID, _ interval: Int, _ value: Double, attempt: Int = 1) -> Observation {
        Observation(
            trial: trial,
            attempt: attempt,
            sequence: interval * 2,
            metric: "loss",
            step: Int64(interval),
            value: value,
            interval: interval
        )
    }

    /// A metric beside the objective, or a report that no policy looks at.
    private static func note(_ trial: TrialID, _ sequence: Int) -> Observation {
        Observation(trial: trial, attempt: 1, sequence: sequence, metric: "size", step: 0, value: 1)
    }

    private static func decision(attempt: Int = 1, _ message: String = "stopped at interval 5") -> EarlyStop {
        EarlyStop(
            attempt: attempt,
            interval: 5,
            policy: .bandit,
            value: 0.61,
            threshold: .infinity,
            message: message
        )
    }

    /// The decision as it is stored, without its time.
    private static func stored(_ trial: Trial) -> EarlyStop? {
        var stop = trial.earlyStop
        stop?.decidedAt = nil
        return stop
    }

    static let earlyStopChecks: [TrialStoreConformance] = [
        TrialStoreConformance("reports come in the order in which they were stored, each once, page by page") { store in
            let lead = try await running(store, trials: 2)
            let other = try await running(store, trials: 1, id: "es0000002")
            let trials = [try await claim(store, lead.id).id, try await claim(store, lead.id).id]
            let foreign = try await claim(store, other.id).id
            var expected: [Observation] = []
            for interval in 1...20 {
                let batch = trials.map { report($0, interval, interval == 7 ? .nan : Double(interval)) }
                try await store.record(batch + [note(trials[0], interval * 2 + 1), report(foreign, interval, 1)])
                expected += batch
            }
            let kept = try await store.observations(of: trials[1])
            try expectEqual(kept.map(\.interval), (1...20).map { $0 })
            for limit in [1, 7, 40, 41] {
                var found: [ObjectiveReport] = []
                while true {
                    let after = found.last?.position ?? .start
                    let page = try await store.objectiveReports(of: lead.id, after: after, limit: limit)
                    found += page
                    if page.count < limit { break }
                }
                try expectEqual(found.map(\.trial), expected.map(\.trial.number))
                try expectEqual(found.map(\.interval), expected.compactMap(\.interval))
                try expectEqual(found.count { $0.value.isNaN }, 2)
                let positions = found.map(\.position)
                try expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }, "positions do not grow")
            }
            let none = try await store.objectiveReports(of: ExperimentID("es9999999"), after: .start, limit: 9)
            try expectEqual(none, [])
        },
        TrialStoreConformance("a report that is stored again keeps its place") { store in
            let lead = try await running(store, trials: 1)
            let trial = try await claim(store, lead.id).id
            try await store.record([report(trial, 1, 1), report(trial, 2, 2)])
            let before = try await store.objectiveReports(of: lead.id, after: .start, limit: 9)
            try await store.record([report(trial, 2, 2), report(trial, 1, 1), report(trial, 3, 3)])
            let after = try await store.objectiveReports(of: lead.id, after: .start, limit: 9)
            try expectEqual(Array(after.prefix(2)), before)
            try expectEqual(after.map(\.interval), [1, 2, 3])
        },
        TrialStoreConformance("a watcher for a leader hears what was reported, with its place; a worker does not") {
            store in
            let lead = try await running(store, trials: 1)
            let trial = try await claim(store, lead.id).id
            try await watching(store, .lead) { events in
                try await store.record([note(trial, 1), report(trial, 1, 0.5)])
                try await events.wait("the report") { entry in
                    guard case .report(let id, let told) = entry.event else { return false }
                    return id == lead.id && told.trial == 1 && told.interval == 1 && told.value == 0.5
                        && told.position > .start
                }
            }
            try await watching(store, .work) { events in
                try await store.record([report(trial, 2, 0.5)])
                try await store.orderRunningTrials(.stop, of: lead)
                try await events.wait("the order, and nothing before it") { entry in
                    if case .report = entry.event { return false }
                    return entry.event == .orders
                }
            }
        },
        TrialStoreConformance("a decision reaches the attempt that it is about, once, and stays when it is repeated") {
            store in
            let lead = try await running(store, trials: 4)
            let first = try await claim(store, lead.id)
            _ = try await store.finish(first, with: AttemptOutcome(cause: .drained), retries: RetryLimits())
            for _ in 1...3 { _ = try await claim(store, lead.id) }
            // Trial 1 is in its second attempt, trial 3 is to be cancelled, trial 4 is new.
            try await store.orderRunningTrials(.cancel, of: lead, only: [3: 1])
            let stops = [1: decision(), 2: decision(), 3: decision(), 4: decision(), 5: decision()]
            try await store.stopTrials(stops, of: lead)
            let after = try await store.trials(of: lead.id, .all)
            try expectEqual(after.map(\.order), [nil, .stop, .cancel, nil])
            try expectEqual(after.map(stored), [nil, decision(), nil, nil])
            try expect(after[1].earlyStop?.decidedAt != nil, "the decision has no time")
            try await store.stopTrials([2: decision("another"), 3: decision()], of: lead)
            try expectEqual(try await store.trials(of: lead.id, .all), after)
            let held = try await store.renewLeases(of: worker("a"), lease: lease)
            try expectEqual(held.first { $0.id.number == 2 }?.order, .stop)
            try await store.stopTrials([1: decision(attempt: 2)], of: lead)
            try expectEqual(stored(try await read(store, first.id)), decision(attempt: 2))
        },
        TrialStoreConformance("a watcher for workers hears of a decision as of any order") { store in
            let lead = try await running(store, trials: 1)
            _ = try await claim(store, lead.id)
            try await watching(store, .work) { events in
                try await store.stopTrials([1: decision()], of: lead)
                try await events.wait("the order") { $0.event == .orders }
            }
        },
        TrialStoreConformance("a leader that was held up stops nothing after its lead") { store in
            let stale = try await running(store, trials: 1)
            let claimed = try await claim(store, stale.id)
            _ = try unwrap(try await store.renewLead(stale, lease: expired))
            _ = try unwrap(try await store.takeLead(of: stale.id, as: "leader-2", lease: lease))
            let error = try await storeError { try await store.stopTrials([1: decision()], of: stale) }
            try expectEqual(error, .leadLost(stale.id))
            try expectEqual(try await read(store, claimed.id).earlyStop, nil)
        },
        TrialStoreConformance("a trial that was to stop and lost its worker ends with what it reported last") { store in
            let lead = try await running(store, trials: 3)
            for values in [[0.5, 0.25, .nan], [.nan], []] as [[Double]] {
                let claimed = try await claim(store, lead.id, lease: expired)
                let reports = values.enumerated().map { report(claimed.id, $0.offset + 1, $0.element) }
                try await store.record(reports)
                try await store.stopTrials([claimed.id.number: decision()], of: lead)
            }
            let ended = try await store.expireLeases(of: lead, retries: RetryLimits())
            try expectEqual(ended.map(\.state), [.done, .cancelled, .cancelled])
            try expectEqual(ended.map(\.cause), [.stoppedEarly, .cancelled, .cancelled])
            try expectEqual(ended.map(\.value), [0.25, nil, nil])
            try expectEqual(ended.map(\.stoppedAt), [5, nil, nil])
            try expectEqual(ended.map(stored), [decision(), decision(), decision()])
            try expectEqual(try await store.trials(of: lead.id, .all), ended)
            // The worker was only cut off, and comes back with what it knows.
            let late = AttemptOutcome(cause: .stoppedEarly, value: 0.125, signal: 15)
            var claimed = ended[0]
            claimed.owner = worker("a")
            try expectEqual(try await store.finish(claimed, with: late, retries: RetryLimits()), .leaseLost)
            try expectEqual(try await read(store, claimed.id), ended[0])
        },
        TrialStoreConformance("a decision is kept with the trial, and goes when a person wants another attempt") {
            store in
            let lead = try await running(store, trials: 2)
            for value in [0.5, nil] {
                let claimed = try await claim(store, lead.id)
                try await store.stopTrials([claimed.id.number: decision()], of: lead)
                let outcome = AttemptOutcome(cause: .stoppedEarly, value: value, signal: 15)
                _ = try await store.finish(claimed, with: outcome, retries: RetryLimits())
            }
            let ended = try await store.trials(of: lead.id, .all)
            try expectEqual(ended.map(\.state), [.done, .cancelled])
            try expectEqual(ended.map(stored), [decision(), decision()])
            try expectEqual(ended.map(\.stoppedAt), [5, nil])
            let retried = try unwrap(try await store.retryTrial(ended[1].id))
            try expectEqual(retried.state, .new)
            try expectEqual(retried.earlyStop, nil)
        },
    ]
}
