import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

extension TrialStoreConformance {
    static let inspectionChecks: [TrialStoreConformance] = eventChecks + overviewChecks

    private static let otherLimits = Limits(maxTrials: 7)
    private static let completed = ExperimentEnding(state: .completed, reason: .maxTrials)

    private static func kinds(_ store: any TrialStore, _ id: ExperimentID) async throws -> [ExperimentEvent.Kind] {
        try await store.events(of: id).map(\.kind)
    }

    private static let eventChecks: [TrialStoreConformance] = [
        TrialStoreConformance("the reports of several trials are read together, in the order of each") { store in
            let lead = try await running(store, trials: 4)
            let reports = [(4, 0), (2, 1), (2, 0), (1, 0), (3, 0)].map { number, sequence in
                Observation(
                    trial: TrialID(experiment: lead.id, number: number),
                    attempt: 1,
                    sequence: sequence,
                    metric: "loss",
                    step: Int64(sequence),
                    value: 1
                )
            }
            try await store.record(reports)
            let read = try await store.observations(of: lead.id, trials: 2...3)
            try expectEqual(read.map { [$0.trial.number, $0.sequence] }, [[2, 0], [2, 1], [3, 0]])
            try expectEqual(try await store.observations(of: lead.id, trials: 5...9), [])
        },
        TrialStoreConformance("which of the added points have a trial is known without the trials") { store in
            let lead = try await running(store, trials: 1)
            try expectEqual(try await store.triedPoints(of: lead.id), [])
            var tried = try trial(2, of: lead.id)
            tried.origin = .enqueued("p:1")
            var initial = try trial(3, of: lead.id)
            initial.origin = .initial(0)
            try await store.insertTrials([tried, initial])
            try expectEqual(try await store.triedPoints(of: lead.id), ["p:1"])
        },
        TrialStoreConformance("what no document tells is kept as events, each once, however often the call is made") {
            store in
            let limits = Limits(maxTrials: 100)
            let lead = try await running(store, trials: 1, limits: limits)
            for _ in 0..<2 { _ = try await store.setPaused(true, experiment: lead.id) }
            for _ in 0..<2 { _ = try await store.setPaused(false, experiment: lead.id) }
            for _ in 0..<2 { _ = try await store.replaceLimits(of: lead.id, from: limits, to: otherLimits) }
            let point = EnqueuedPoint(id: "p1", values: Suggestion(values: ["x": .double(0.5)]))
            for _ in 0..<2 { _ = try await store.enqueue(point, experiment: lead.id) }
            let claimed = try await claim(store, lead.id)
            _ = try await store.finish(claimed, with: failure, retries: RetryLimits())
            for _ in 0..<2 { _ = try await store.retryTrial(claimed.id) }
            let current = try unwrap(try await store.renewLead(lead, lease: lease))
            for _ in 0..<2 { _ = try await store.change(.decide(completed), lead: current) }
            for _ in 0..<2 { _ = try await store.change(.finish, lead: current) }
            let events = try await store.events(of: lead.id)
            let expected: [ExperimentEvent.Kind] = [
                .led, .paused, .resumed, .limitsChanged, .pointEnqueued, .retryAsked, .endingDecided, .ended,
            ]
            try expectEqual(Set(events.map(\.kind)), Set(expected))
            try expectEqual(events.count, expected.count)
            try expectEqual(events.map(\.at), events.map(\.at).sorted())
            func message(_ kind: ExperimentEvent.Kind) -> String? { events.first { $0.kind == kind }?.message }
            try expectEqual(events.first { $0.kind == .led }?.worker, "leader-1")
            try expectEqual(message(.led), "epoch 1")
            try expectEqual(message(.limitsChanged), "max_trials 100 → 7")
            try expectEqual(message(.pointEnqueued), "x=0.5")
            try expectEqual(events.first { $0.kind == .retryAsked }?.trial, 1)
            try expectEqual(message(.ended), "completed (max_trials)")
            let ended = try unwrap(try await store.experiment(lead.id))
            try expectEqual(events.first { $0.kind == .ended }?.at, ended.finishedAt)
        },
        TrialStoreConformance("each reopening, each new lead and what a person decides is an event") { store in
            let first = try await running(store, trials: 0)
            let user = ExperimentEnding(state: .cancelled, reason: .user, message: "enough\nof it")
            _ = try await store.requestEnd(of: first.id, user)
            _ = try await store.requestEnd(of: first.id, completed)
            _ = try await store.change(.finish, lead: first)
            try await store.releaseLead(first)
            _ = try await store.replaceLimits(of: first.id, from: Limits(maxTrials: 100), to: otherLimits)
            let second = try unwrap(try await store.takeLead(of: first.id, as: "leader-2", lease: lease))
            let decided = try await store.events(of: first.id).filter { $0.kind == .endingDecided }
            try expectEqual(decided.map(\.message), ["cancelled (user): enough\nof it"])
            let kinds = try await kinds(store, first.id)
            try expectEqual(kinds.filter { $0 == .led }.count, 2)
            try expectEqual(kinds.filter { $0 == .reopened }.count, 1)
            try expectEqual(kinds.count, 6)
            let reopenedAt = try unwrap(second.experiment.reopenedAt)
            let late = try await store.events(of: first.id, since: reopenedAt)
            try expect(late.allSatisfy { $0.at >= reopenedAt }, "an earlier event came")
            try expect(late.contains { $0.kind == .reopened }, "the event of that moment is missing")
            try expectEqual(try await store.events(of: ExperimentID("es9999999")), [])
        },
        TrialStoreConformance("a trial's documents and the events make one timeline") { store in
            let lead = try await running(store, trials: 1)
            let lost = try await claim(store, lead.id, lease: expired)
            _ = try await store.expireLeases(of: lead, retries: RetryLimits())
            let claimed = try await claim(store, lead.id, by: "b")
            _ = try await store.finish(claimed, with: failure, retries: RetryLimits())
            _ = try await store.retryTrial(lost.id)
            let last = try await claim(store, lead.id)
            _ = try await store.finish(last, with: success, retries: RetryLimits())
            let experiment = try unwrap(try await store.experiment(lead.id))
            let events = ExperimentEvents.timeline(
                experiment,
                trials: try await store.trials(of: lead.id, .all),
                stored: try await store.events(of: lead.id)
            )
            let trial = events.filter { $0.trial == 1 }
            try expectEqual(
                trial.filter { $0.kind != .retryAsked }.map(\.kind),
                [.trialCreated, .claimed, .attemptEnded, .requeued, .claimed, .attemptEnded, .claimed, .attemptEnded]
            )
            let ends = trial.filter { $0.kind == .attemptEnded }
            try expectEqual(ends.map(\.cause), [.lost, .failed, .succeeded])
            try expectEqual(trial.filter { $0.kind == .requeued }.map(\.message), ["repeat 1 of 3 for lost, at once"])
            try expectEqual(trial.last?.value, 0.25)
            try expectEqual(trial.filter { $0.kind == .retryAsked }.count, 1)
        },
    ]

    private static let overviewChecks: [TrialStoreConformance] = [
        TrialStoreConformance("the latest trials are those that something happened to last") { store in
            let lead = try await running(store, trials: 4)
            for _ in 0..<2 {
                let claimed = try await claim(store, lead.id)
                _ = try await store.finish(claimed, with: success, retries: RetryLimits())
            }
            // Nothing has happened to the others since the past in which the check makes its trials.
            try expectEqual(try await store.latestTrials(of: lead.id, count: 2).map(\.id.number), [1, 2])
            try expectEqual(try await store.latestTrials(of: lead.id, count: 3).map(\.id.number), [1, 2, 4])
            try expectEqual(try await store.latestTrials(of: lead.id, count: 9).map(\.id.number), [1, 2, 3, 4])
            try expectEqual(try await store.latestTrials(of: lead.id, count: 0), [])
        },
        TrialStoreConformance("known workers are all that have not left, and running trials name who holds them") {
            store in
            for (name, slots) in [("b", 3), ("a", 2)] {
                try await store.register(
                    Worker(
                        id: worker(name),
                        host: host,
                        processID: 7,
                        slots: slots,
                        isDraining: slots == 3,
                        version: "1"
                    )
                )
            }
            let known = try await store.knownWorkers()
            try expectEqual(known.map(\.id), [worker("a"), worker("b")])
            try expectEqual(known.map(\.isDraining), [false, true])
            try await store.unregister(worker("b"))
            try expectEqual(try await store.knownWorkers().map(\.id), [worker("a")])

            try expectEqual(try await store.runningTrials(), [])
            var claimed: [Trial] = []
            for id in ["es0000001", "es0000002"] {
                let lead = try await running(store, trials: 2, id: id)
                claimed.append(try await claim(store, lead.id, by: "a"))
            }
            let done = try await claim(store, ExperimentID("es0000001"), by: "a")
            _ = try await store.finish(done, with: success, retries: RetryLimits())
            let running = try await store.runningTrials()
            try expectEqual(running.map(\.id), claimed.map(\.id))
            try expectEqual(running.map(\.worker), [worker("a"), worker("a")])
            try expectEqual(running.map(\.attempt), [1, 1])
            try expectEqual(running.map(\.claimedAt), claimed.map { $0.attempts.last?.claimedAt })
            try expectEqual(running.map(\.leaseUntil), claimed.map(\.leaseUntil))
        },
        TrialStoreConformance("output is read from given places on, in bounded pieces, of many trials at once") {
            store in
            let id = ExperimentID("es0000001")
            func chunk(_ trial: Int, _ attempt: Int, _ stream: LogChunk.Stream, _ sequence: Int) -> LogChunk {
                LogChunk(
                    trial: TrialID(experiment: id, number: trial),
                    attempt: attempt,
                    stream: stream,
                    sequence: sequence,
                    bytes: [UInt8(trial % 256), UInt8(sequence)]
                )
            }
            let wanted = (1...150).flatMap { trial in [chunk(trial, 1, .stdout, 0), chunk(trial, 1, .stdout, 1)] }
            let others = [chunk(1, 2, .stdout, 0), chunk(2, 1, .stderr, 0)]
            try await store.appendLog((wanted + others).shuffled())
            var places = (1...150).map { LogPosition(trial: $0, attempt: 1, stream: .stdout) }
            var read: [LogChunk] = []
            while true {
                let part = try await store.logChunks(of: id, from: places, limit: 70)
                if part.isEmpty { break }
                try expect(part.count <= 70, "\(part.count) chunks")
                for chunk in part { places[chunk.trial.number - 1].next = chunk.sequence + 1 }
                read += part
            }
            try expectEqual(read, wanted)
            let rest = [LogPosition(trial: 2, attempt: 1, stream: .stdout, next: 1)]
            try expectEqual(try await store.logChunks(of: id, from: rest, limit: 9), [chunk(2, 1, .stdout, 1)])
            try expectEqual(try await store.logChunks(of: ExperimentID("es9"), from: rest, limit: 9), [])
            try expectEqual(try await store.logChunks(of: id, from: [], limit: 9), [])
        },
        TrialStoreConformance("counts and best trials of many experiments are those of each") { store in
            var ids: [ExperimentID] = []
            for (id, goal) in [("es0000001", Objective.Goal.minimize), ("es0000002", .maximize)] {
                let lead = try await running(store, trials: 4, id: id, goal: goal)
                ids.append(lead.id)
                for value in [0.75, 0.25, 0.25] {
                    let claimed = try await claim(store, lead.id)
                    let outcome = AttemptOutcome(cause: .succeeded, value: value)
                    _ = try await store.finish(claimed, with: outcome, retries: RetryLimits())
                }
            }
            ids.append(try await running(store, trials: 0, id: "es0000003").id)
            let counts = try await store.trialCounts(of: ids)
            try expectEqual(counts, [ids[0]: [.done: 3, .new: 1], ids[1]: [.done: 3, .new: 1]])
            let best = try await store.bestTrials(of: ids)
            try expectEqual(best.mapValues(\.id.number), [ids[0]: 2, ids[1]: 1])
            try expectEqual(try await store.bestTrials(of: []), [:])
            try expectEqual(try await store.trialCounts(of: []), [:])
        },
    ]
}
