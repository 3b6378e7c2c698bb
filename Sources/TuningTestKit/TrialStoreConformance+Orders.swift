import Coordination
import ExperimentModel

extension TrialStoreConformance {
    static let orderChecks: [TrialStoreConformance] = [
        TrialStoreConformance("a stronger order replaces a weaker one, never the other way round") { store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            var version = claimed.version
            for (order, expected) in [
                (TrialOrder.stop, TrialOrder.stop), (.drain, .stop), (.stop, .stop), (.cancel, .cancel),
                (.stop, .cancel), (.drain, .cancel),
            ] {
                try await store.orderRunningTrials(order, of: lead)
                let now = try await read(store, claimed.id)
                try expectEqual(now.order, expected)
                version += order == .stop && version == claimed.version || order == .cancel ? 1 : 0
                try expectEqual(now.version, version, "only what changes something raises the version")
            }
            try expectEqual(try await store.renewLeases(of: worker("a"), lease: lease).map(\.order), [.cancel])
        },
        TrialStoreConformance("an order reaches only the attempts that it is for") { store in
            let lead = try await running(store, trials: 4)
            let first = try await claim(store, lead.id)
            _ = try await store.finish(first, with: AttemptOutcome(cause: .drained), retries: RetryLimits())
            for _ in 1...3 { _ = try await claim(store, lead.id) }
            // Trial 1 is in its second attempt, trial 4 is new.
            try await store.orderRunningTrials(.stop, of: lead, only: [1: 1, 2: 1, 4: 0])
            let orders = try await store.trials(of: lead.id, .all).map(\.order)
            try expectEqual(orders, [nil, .stop, nil, nil])
            try await store.orderRunningTrials(.stop, of: lead, only: [1: 2])
            try expectEqual(try await read(store, first.id).order, .stop)
            try await store.orderRunningTrials(.cancel, of: lead, only: [:])
            try expectEqual(try await read(store, first.id).order, .stop)
        },
        TrialStoreConformance("an order does not outlive its attempt") { store in
            let lead = try await running(store, trials: 1)
            let first = try await claim(store, lead.id)
            try await store.orderRunningTrials(.drain, of: lead)
            _ = try await store.finish(first, with: AttemptOutcome(cause: .drained), retries: RetryLimits())
            let waiting = try await read(store, first.id)
            try expectEqual(waiting.state, .new)
            try expectEqual(waiting.order, nil)
            try expectEqual(waiting.charges, [:])
            // Nobody holds it: an order to what runs passes it by.
            try await store.orderRunningTrials(.cancel, of: lead)
            try expectEqual(try await read(store, first.id), waiting)
            try expectEqual(try await claim(store, lead.id, by: "b").order, nil)
        },
        TrialStoreConformance("stopped early with a finite objective is done, without one cancelled") { store in
            let lead = try await running(store, trials: 3, goal: .maximize)
            for (value, state) in [(0.5 as Double?, TrialState.done), (nil, .cancelled), (.nan, .cancelled)] {
                let claimed = try await claim(store, lead.id)
                try await store.orderRunningTrials(.stop, of: lead)
                let outcome = AttemptOutcome(cause: .stoppedEarly, value: value, signal: 15)
                for _ in 1...2 {
                    try expectEqual(
                        try await store.finish(claimed, with: outcome, retries: RetryLimits()),
                        .accepted(state)
                    )
                }
                let ended = try await read(store, claimed.id)
                try expectEqual(ended.state, state)
                try expectEqual(ended.cause, state == .done ? .stoppedEarly : .cancelled)
                try expectEqual(ended.attempts.last?.outcome?.cause, ended.cause)
                try expectEqual(ended.value, state == .done ? value : nil)
            }
            try expectEqual(try await store.bestTrial(of: lead.id)?.value, 0.5)
        },
        TrialStoreConformance("an order that comes while the result is on its way is taken in when it is written") {
            store in
            let lead = try await running(store, trials: 3)
            let retries = RetryLimits(charges: [.failed: 5])
            let claimed = [
                try await claim(store, lead.id), try await claim(store, lead.id), try await claim(store, lead.id),
            ]
            // The workers do not know of it: what they write was decided before.
            try await store.orderRunningTrials(.cancel, of: lead)
            let ends = [success, failure, AttemptOutcome(cause: .drained)]
            var results: [FinishResult] = []
            for (trial, end) in zip(claimed, ends) {
                results.append(try await store.finish(trial, with: end, retries: retries))
            }
            try expectEqual(results, [.accepted(.done), .accepted(.cancelled), .accepted(.cancelled)])
        },
        TrialStoreConformance("a renewal brings the time-out that the experiment has now") { store in
            var old = Limits(maxTrials: 5)
            let lead = try await running(store, trials: 2, limits: old)
            let other = try await running(store, trials: 1, id: "es0000002", limits: Limits(trialTimeoutSeconds: 7))
            for id in [lead.id, lead.id, other.id] { _ = try await claim(store, id) }
            for timeout in [nil, 2.5, 60, nil] as [Double?] {
                var new = old
                new.trialTimeoutSeconds = timeout
                _ = try await store.replaceLimits(of: lead.id, from: old, to: new)
                old = new
                let held = try await store.renewLeases(of: worker("a"), lease: lease).sorted { $0.id < $1.id }
                try expectEqual(held.map(\.timeoutSeconds), [timeout, timeout, 7])
            }
        },
        TrialStoreConformance("a leader that was held up cancels and orders nothing that came after its lead") {
            store in
            let stale = try await running(store, trials: 2)
            _ = try await claim(store, stale.id)
            _ = try unwrap(try await store.renewLead(stale, lease: expired))
            _ = try unwrap(try await store.takeLead(of: stale.id, as: "leader-2", lease: lease))
            let before = try await store.trials(of: stale.id, .all)
            let lost = TrialStoreError.leadLost(stale.id)
            for attempts in [nil, [1: 1]] as [[Int: Int]?] {
                let error = try await storeError {
                    try await store.orderRunningTrials(.stop, of: stale, only: attempts)
                }
                try expectEqual(error, lost)
            }
            try expectEqual(try await storeError { _ = try await store.cancelNewTrials(of: stale, only: [2]) }, lost)
            try expectEqual(try await store.trials(of: stale.id, .all), before)
        },
    ]

    static let leaveChecks: [TrialStoreConformance] = [
        TrialStoreConformance("a worker that is asked to leave reads so when it registers, and serves nothing") {
            store in
            let known = Worker(id: worker("a"), host: host, processID: 7, slots: 2, version: "1")
            try expectEqual(try await store.register(known).leaveAskedAt, nil)
            let asked = try unwrap(try await store.askToLeave(known.id))
            try expect(asked.leaveAskedAt != nil && !asked.isDraining && asked.isLeaving, "it was not asked")
            try expectEqual(try await store.askToLeave(known.id)?.leaveAskedAt, asked.leaveAskedAt)
            try expectEqual(try await store.register(known).leaveAskedAt, asked.leaveAskedAt)
            let live = try await store.liveWorkers(within: lease)
            try expectEqual(live.map(\.isLeaving), [true])
            try await store.unregister(known.id)
            try expectEqual(try await store.askToLeave(known.id), nil)
            try expectEqual(try await store.knownWorkers(), [])
        },
        TrialStoreConformance("a watcher of work hears who is asked to leave, a leader that the workers have changed") {
            store in
            for (scope, name, event) in [
                (WatchScope.work, "a", StoreEvent.leave(worker("a"))), (.lead, "b", .workers),
                (.everything, "c", .workers),
            ] {
                try await store.register(Worker(id: worker(name), host: host, processID: 7, slots: 2, version: "1"))
                try await watching(store, scope) { events in
                    _ = try await store.askToLeave(worker(name))
                    try await events.wait("the wish") { $0.event == event }
                }
            }
        },
    ]
}
