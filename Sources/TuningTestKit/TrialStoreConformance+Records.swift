import Coordination
import ExperimentModel

extension TrialStoreConformance {
    /// Longest that a check waits for an event.
    static let eventTimeout: Duration = .seconds(30)

    static let recordChecks: [TrialStoreConformance] = [
        TrialStoreConformance("observations are kept once each, in order, NaN and infinities too") { store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            let observations = [0.5, .infinity, 0.25].enumerated().map { index, value in
                Observation(
                    trial: claimed.id,
                    attempt: 1,
                    sequence: index,
                    metric: "loss",
                    step: Int64(index) * 10,
                    value: value
                )
            }
            try await store.record(observations.reversed())
            try await store.record(observations)
            try expectEqual(try await store.observations(of: claimed.id), observations)
            try await store.record([])
        },
        TrialStoreConformance("output is kept once, by stream and in order, byte for byte") { store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            func chunk(_ stream: LogChunk.Stream, _ sequence: Int, _ bytes: [UInt8]) -> LogChunk {
                LogChunk(trial: claimed.id, attempt: 1, stream: stream, sequence: sequence, bytes: bytes)
            }
            let chunks = [
                chunk(.stderr, 0, [0, 255, 10]), chunk(.stdout, 0, Array("a".utf8)), chunk(.stdout, 1, [0xc3]),
            ]
            try await store.appendLog(chunks.reversed())
            try await store.appendLog(chunks)
            try expectEqual(try await store.log(of: claimed.id, attempt: 1), chunks)
            try expectEqual(try await store.log(of: claimed.id, attempt: 2), [])
        },
        TrialStoreConformance("workers are known while they renew, and forgotten when they leave") { store in
            let first = Worker(id: worker("a"), host: host, processID: 7, slots: 2, version: "1")
            let second = Worker(
                id: worker("b"),
                host: host,
                processID: 8,
                slots: 3,
                experiments: [ExperimentID("es0000001")],
                version: "1"
            )
            try await store.register(first)
            try await store.register(second)
            let live = try await store.liveWorkers(within: lease)
            try expectEqual(live.map(\.id), [worker("a"), worker("b")])
            try expectEqual(live.map(\.slots), [2, 3])
            try expectEqual(live.map(\.experiments), [[], [ExperimentID("es0000001")]])
            try expectEqual(try await store.liveWorkers(within: .zero), [])
            try await store.unregister(worker("a"))
            try expectEqual(try await store.liveWorkers(within: lease).map(\.id), [worker("b")])
        },
        TrialStoreConformance("the best trial follows the goal, ties go to the earliest, and counts add up") { store in
            for (id, goal, best) in [("es0000001", Objective.Goal.minimize, 2), ("es0000002", .maximize, 1)] {
                let lead = try await running(store, trials: 4, id: id, goal: goal)
                for value in [0.75, 0.25, 0.25] {
                    let claimed = try await claim(store, lead.id)
                    let outcome = AttemptOutcome(cause: .succeeded, value: value)
                    _ = try await store.finish(claimed, with: outcome, retries: RetryLimits())
                }
                try expectEqual(try await store.bestTrial(of: lead.id)?.id.number, best)
                try expectEqual(try await store.trialCounts(of: lead.id), [.done: 3, .new: 1])
                let open = try await store.trials(of: lead.id, .open(and: [1]))
                try expectEqual(open.map(\.id.number), [1, 4])
            }
            try expectEqual(try await store.bestTrial(of: ExperimentID("es9999999")), nil)
        },
    ]

    static let watchChecks: [TrialStoreConformance] = [
        TrialStoreConformance("a watcher of everything hears of a new trial, its claim and its end") { store in
            let lead = try await running(store, trials: 0)
            try await watching(store, .everything) { events in
                _ = try await store.reserveTrials(1, lead: lead)
                try await store.insertTrials([try trial(1, of: lead.id)])
                try await events.wait("the new trial") { $0.trial?.state == .new }
                let claimed = try await claim(store, lead.id)
                try await events.wait("the claim") { $0.trial?.state == .running }
                _ = try await store.finish(claimed, with: success, retries: RetryLimits())
                try await events.wait("the end") { $0.trial?.state == .done && $0.trial?.value == 0.25 }
            }
        },
        TrialStoreConformance(
            "a watcher for a leader hears enough of claims and ends to know the trial"
        ) {
            store in
            let lead = try await running(store, trials: 2)
            let before = try await store.trials(of: lead.id, .all)
            try await watching(store, .lead) { events in
                let retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: 0)
                for (new, outcome) in zip(before, [success, failure]) {
                    var known = new
                    repeat {
                        let queued = known
                        let claimed = try await claim(store, lead.id)
                        try await events.wait("the claim") { $0.trial(after: queued) == claimed }
                        _ = try await store.finish(claimed, with: outcome, retries: retries)
                        let ended = try await read(store, new.id)
                        let isOpen = !ended.state.isTerminal
                        try await events.wait("the end") { entry in
                            isOpen ? entry.concerns(ended.id) : entry.trial(after: claimed) == ended
                        }
                        known = ended
                    } while !known.state.isTerminal
                    try expectEqual(known.attempts.count, outcome == success ? 1 : 2)
                }
            }
        },
        TrialStoreConformance("a watcher of everything, or for a leader, hears of experiments and workers") {
            store in
            for (scope, id) in [(WatchScope.everything, "es0000001"), (.lead, "es0000002")] {
                try await watching(store, scope) { events in
                    let lead = try await running(store, trials: 0, id: id)
                    try await events.wait("the experiment") { $0.event == .experiment(lead.id) }
                    try await store.register(Worker(id: worker(id), host: host, processID: 7, slots: 2, version: "1"))
                    try await events.wait("the worker") { $0.event == .workers }
                }
            }
        },
        TrialStoreConformance("a watcher of work hears of new trials and orders") { store in
            let lead = try await running(store, trials: 0)
            try await watching(store, .work) { events in
                _ = try await store.reserveTrials(1, lead: lead)
                try await store.insertTrials([try trial(1, of: lead.id)])
                try await events.wait("the new trial") { $0.event == .work }
                _ = try await claim(store, lead.id)
                try await store.orderRunningTrials(.cancel, of: lead)
                try await events.wait("the order") { $0.event == .orders }
            }
        },
    ]

    /// Runs `body` beside a watcher that has begun to listen.
    static func watching(
        _ store: any TrialStore,
        _ scope: WatchScope,
        _ body: @escaping @Sendable (EventLog) async throws -> Void
    ) async throws {
        let log = EventLog()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in store.watch(scope) { log.append(event) }
            }
            group.addTask {
                try await log.wait("the beginning") { $0.event == .resync }
                try await body(log)
            }
            defer { group.cancelAll() }
            // The watcher ends only when cancelled.
            try await group.next()
        }
    }
}
