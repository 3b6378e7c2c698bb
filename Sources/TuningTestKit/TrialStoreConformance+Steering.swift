import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

extension TrialStoreConformance {
    private static let firstLimits = Limits(maxTrials: 2, maxDurationSeconds: 60)
    private static let wideLimits = Limits(
        maxTrials: 5,
        maxConcurrentTrials: 3,
        maxDurationSeconds: 0.5,
        trialTimeoutSeconds: 7,
        maxFailedTrials: 0,
        goalValue: -0.25,
        isFailFast: false
    )
    private static let end = ExperimentEnding(state: .completed, reason: .maxTrials)

    /// Ends a led experiment in order, and gives the lead up.
    private static func finish(_ store: any TrialStore, _ lead: Lead) async throws -> Experiment {
        try expectEqual(try await store.change(.decide(end), lead: lead).ending, end)
        _ = try await store.change(.finish, lead: lead)
        try await store.releaseLead(lead)
        let ended = try unwrap(try await store.experiment(lead.id))
        try expectEqual(ended.state, .completed)
        return ended
    }

    private static func point(_ id: String, _ x: Double = 0.5) -> EnqueuedPoint {
        EnqueuedPoint(id: id, values: Suggestion(values: ["x": .double(x)]))
    }

    static let limitChecks: [TrialStoreConformance] = [
        TrialStoreConformance("limits are replaced if they are still what the person saw, and once") { store in
            let lead = try await running(store, trials: 2, limits: firstLimits)
            let changed = try unwrap(try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits))
            try expectEqual(changed.limits, wideLimits)
            try expectEqual(changed.definition, lead.experiment.definition)
            try expectEqual(changed.revision, lead.experiment.revision + 1)
            try expectEqual(try await store.experiment(lead.id), changed)
            try expectEqual(try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits), changed)
            let late = Limits(maxTrials: 99)
            try expectEqual(try await store.replaceLimits(of: lead.id, from: firstLimits, to: late), changed)
            // What counts is what stands now, up and down, and storing the same definition again is still one.
            var knowing = lead
            knowing.experiment = changed
            try expectEqual(try await store.reserveTrials(9, lead: knowing).nextTrial, 6)
            knowing.experiment = try unwrap(
                try await store.replaceLimits(of: lead.id, from: wideLimits, to: firstLimits)
            )
            try expectEqual(try await store.reserveTrials(9, lead: knowing).nextTrial, 6)
            let again = try await store.createExperiment(lead.experiment.definition, id: lead.id)
            try expectEqual(again.limits, firstLimits)
            let nobody = ExperimentID("es9999999")
            try expectEqual(try await store.replaceLimits(of: nobody, from: firstLimits, to: late), nil)
        },
        TrialStoreConformance("of 16 people who change the same limits at once, one succeeds and all see it") { store in
            let lead = try await running(store, trials: 0, limits: firstLimits)
            let answers = try await withThrowingTaskGroup(of: Limits?.self) { group in
                for number in 1...16 {
                    group.addTask {
                        try await store.replaceLimits(
                            of: lead.id,
                            from: firstLimits,
                            to: Limits(maxTrials: number + 2)
                        )?
                        .limits
                    }
                }
                return try await group.reduce(into: Set<Limits?>()) { $0.insert($1) }
            }
            try expectEqual(answers, [try await store.experiment(lead.id)?.limits])
        },
        TrialStoreConformance("other limits reopen a finished experiment, and the time since its end is a pause") {
            store in
            let lead = try await running(store, trials: 0, limits: firstLimits)
            _ = try await store.change(.markStarted(try await store.now()), lead: lead)
            let ended = try await finish(store, lead)
            try expectEqual(try await store.replaceLimits(of: lead.id, from: firstLimits, to: firstLimits), ended)
            let open = try unwrap(try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits))
            try expectEqual(open.state, .running)
            try expectEqual(open.ending, nil)
            try expectEqual(open.finishedAt, nil)
            let pause = try unwrap(open.reopenedAt) - (try unwrap(ended.finishedAt))
            try expectEqual(open.pausedMilliseconds, pause.wholeMilliseconds)
            try expectEqual(
                open.activeDuration(at: try unwrap(open.reopenedAt)),
                ended.activeDuration(at: lead.renewedAt)
            )
            try expectEqual(try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits), open)
            let next = try unwrap(try await store.takeLead(of: lead.id, as: "leader-2", lease: lease), "no new lead")
            try expectEqual(try await store.reserveTrials(9, lead: next).nextTrial, 6)
        },
        TrialStoreConformance("an experiment that ended in a pause stood still since the pause began") { store in
            let lead = try await running(store, trials: 0, limits: firstLimits)
            _ = try await store.change(.markStarted(try await store.now()), lead: lead)
            let paused = try unwrap(try await store.setPaused(true, experiment: lead.id))
            _ = try await finish(store, lead)
            let open = try unwrap(try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits))
            try expectEqual(open.state, .running)
            try expectEqual(open.pausedAt, nil)
            let pause = try unwrap(open.reopenedAt) - (try unwrap(paused.pausedAt))
            try expectEqual(open.pausedMilliseconds, pause.wholeMilliseconds)
        },
        TrialStoreConformance("an experiment that never ran has no pause to account for when it is reopened") { store in
            let ended = try await finish(store, try await running(store, trials: 0, limits: firstLimits))
            let open = try unwrap(try await store.replaceLimits(of: ended.id, from: firstLimits, to: wideLimits))
            try expectEqual(open.pausedMilliseconds, 0)
            try expectEqual(open.startedAt, nil)
        },
        TrialStoreConformance("an experiment that is ending takes no other limits and no retry, and loses neither") {
            store in
            let lead = try await running(store, trials: 1, limits: firstLimits)
            let claimed = try await claim(store, lead.id)
            _ = try await store.finish(claimed, with: failure, retries: RetryLimits())
            let decided = try await store.change(.decide(end), lead: lead)
            func refused(_ body: () async throws -> Void) async throws {
                try expectEqual(try await storeError(body), .windingDown(lead.id))
            }
            try await refused { _ = try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits) }
            try await refused { _ = try await store.retryTrial(claimed.id) }
            try expectEqual(try await store.experiment(lead.id), decided)
            _ = try await store.change(.finish, lead: lead)
            // What was refused is asked for again, and granted.
            try expectEqual(try await store.retryTrial(claimed.id)?.state, .new)
            try expectEqual(
                try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits)?.limits,
                wideLimits
            )
        },
        TrialStoreConformance("an ending that was decided without knowing a person's change is not stored") { store in
            let lead = try await running(store, trials: 1, limits: firstLimits)
            let changed = try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits)
            try expectEqual(try await store.change(.decide(end), lead: lead), try unwrap(changed))
            _ = try await store.enqueue(point("a"), experiment: lead.id)
            var knowing = lead
            knowing.experiment = try unwrap(changed)
            try expectEqual(try await store.change(.decide(end), lead: knowing).ending, nil)
            knowing.experiment = try unwrap(try await store.experiment(lead.id))
            try expectEqual(try await store.change(.decide(end), lead: knowing).ending, end)
        },
    ]

    static let givenChecks: [TrialStoreConformance] = [
        TrialStoreConformance("points are enqueued in order, each id once, also while 16 people add some") { store in
            let lead = try await running(store, trials: 0)
            _ = try await store.enqueue(point("first", 0.1), experiment: lead.id)
            let two = try unwrap(try await store.enqueue(point("second", 2), experiment: lead.id))
            try expectEqual(two.enqueued, [point("first", 0.1), point("second", 2)])
            try expectEqual(try await store.enqueue(point("first", 3), experiment: lead.id), two)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<16 {
                    group.addTask { _ = try await store.enqueue(point("p\(number / 2)"), experiment: lead.id) }
                }
                try await group.waitForAll()
            }
            let all = try unwrap(try await store.experiment(lead.id))
            try expectEqual(Set(all.enqueued.map(\.id)), Set(["first", "second"] + (0..<8).map { "p\($0)" }))
            try expectEqual(all.enqueued.count, 10)
            try expectEqual(all.revision, 10)
            try expectEqual(try await store.enqueue(point("x"), experiment: ExperimentID("es9999999")), nil)
        },
        TrialStoreConformance("a point is enqueued in a finished experiment too, and does not reopen it") { store in
            let ended = try await finish(store, try await running(store, trials: 0))
            let known = try unwrap(try await store.enqueue(point("late"), experiment: ended.id))
            try expectEqual(known.state, .completed)
            try expectEqual(known.enqueued.map(\.id), ["late"])
        },
        TrialStoreConformance("where an assignment came from is kept with its trial") { store in
            let lead = try await running(store, trials: 0)
            let origins = [TrialOrigin.sampler, .initial(3), .enqueued("a:b $c")]
            var trials = try origins.enumerated().map { index, origin in
                var trial = try trial(index + 1, of: lead.id)
                trial.origin = origin
                return trial
            }
            // A promised number that nothing is left for is cancelled from the beginning.
            trials[2].cancel(at: trials[2].createdAt)
            _ = try await store.reserveTrials(3, lead: lead)
            try expectEqual(try await store.insertTrials(trials), [])
            try expectEqual(try await store.insertTrials([trials[1]]), [2])
            try expectEqual(try await store.trials(of: lead.id, .all), trials)
            try expectEqual(try await store.trialCounts(of: lead.id), [.new: 2, .cancelled: 1])
        },
        TrialStoreConformance("of new trials, some can be cancelled alone") { store in
            let lead = try await running(store, trials: 4)
            _ = try await claim(store, lead.id)
            try expectEqual(try await store.cancelNewTrials(of: lead, only: [1, 4, 9]).map(\.id.number), [4])
            try expectEqual(try await store.cancelNewTrials(of: lead, only: []), [])
            try expectEqual(try await store.trialCounts(of: lead.id), [.running: 1, .new: 2, .cancelled: 1])
        },
    ]

    static let retryChecks: [TrialStoreConformance] = [
        TrialStoreConformance(
            "error → new: a retried trial keeps its record, gets its charges back and the next attempt"
        ) { store in
            let lead = try await running(store, trials: 1)
            let retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: 0)
            let first = try await claim(store, lead.id)
            _ = try await store.finish(first, with: failure, retries: retries)
            let second = try await claim(store, lead.id)
            try expectEqual(try await store.finish(second, with: failure, retries: retries), .accepted(.failed))
            var expected = try await read(store, first.id)
            let retried = try unwrap(try await store.retryTrial(first.id))
            expected.retry()
            try expectEqual(retried, expected)
            try expectEqual(try await read(store, first.id), retried)
            try expectEqual(try await store.experiment(lead.id)?.retrying, [])
            try expectEqual(try await store.retryTrial(first.id), retried, "it is new already")
            let third = try await claim(store, lead.id, by: "b")
            try expectEqual(third.attempt, 3)
            try expectEqual(try await store.finish(second, with: success, retries: retries), .leaseLost)
            try expectEqual(try await store.finish(third, with: failure, retries: retries), .accepted(.new))
        },
        TrialStoreConformance("cancelled → new: a retried trial reopens its finished experiment") { store in
            let lead = try await running(store, trials: 2)
            let claimed = try await claim(store, lead.id)
            _ = try await store.change(.markStarted(try unwrap(claimed.attempts.first).claimedAt), lead: lead)
            _ = try await store.finish(claimed, with: success, retries: RetryLimits())
            _ = try await store.cancelNewTrials(of: lead)
            let ended = try await finish(store, lead)
            let retried = try unwrap(try await store.retryTrial(TrialID(experiment: lead.id, number: 2)))
            try expectEqual(retried.state, .new)
            try expectEqual(retried.cause, nil)
            let open = try unwrap(try await store.experiment(lead.id))
            try expectEqual(open.state, .running)
            try expectEqual(open.ending, nil)
            let pause = try unwrap(open.reopenedAt) - (try unwrap(ended.finishedAt))
            try expectEqual(open.pausedMilliseconds, pause.wholeMilliseconds)
            try expectEqual(try await claim(store, lead.id).id.number, 2)
        },
        TrialStoreConformance("a trial that is done or open is not retried, and does not reopen its experiment") {
            store in
            let lead = try await running(store, trials: 2)
            let claimed = try await claim(store, lead.id)
            _ = try await store.finish(claimed, with: success, retries: RetryLimits())
            for number in [1, 2] {
                let id = TrialID(experiment: lead.id, number: number)
                let known = try await read(store, id)
                try expectEqual(try await store.retryTrial(id), known)
            }
            let ended = try await finish(store, lead)
            _ = try await store.retryTrial(claimed.id)
            try expectEqual(try await store.experiment(lead.id), ended)
            try expectEqual(try await store.retryTrial(TrialID(experiment: lead.id, number: 9)), nil)
            try expectEqual(try await store.retryTrial(TrialID(experiment: ExperimentID("es9"), number: 1)), nil)
        },
        TrialStoreConformance("of 16 people who retry one trial of a finished experiment, all get the one new attempt")
        {
            store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            _ = try await store.finish(claimed, with: failure, retries: RetryLimits())
            let ended = try await read(store, claimed.id)
            _ = try await finish(store, lead)
            let answers = try await withThrowingTaskGroup(of: Trial?.self) { group in
                for _ in 0..<16 { group.addTask { try await store.retryTrial(claimed.id) } }
                return try await group.reduce(into: [Trial?]()) { $0.append($1) }
            }
            var expected = ended
            expected.retry()
            try expectEqual(Set(answers), [expected])
            try expectEqual(try await store.experiment(lead.id)?.retrying, [])
        },
    ]

    /// A wish of a person is news for a leader and for workers.
    static let steeringWatchChecks: [TrialStoreConformance] = [WatchScope.everything, .lead, .work].map { scope in
        TrialStoreConformance("a watcher (\(scope)) hears of other limits, of an enqueued point and of a reopening") {
            store in
            let lead = try await running(store, trials: 0, limits: firstLimits)
            try await watching(store, scope) { events in
                _ = try await store.replaceLimits(of: lead.id, from: firstLimits, to: wideLimits)
                try await events.wait("the limits") { $0.event == .experiment(lead.id) }
                _ = try await store.enqueue(point("a"), experiment: lead.id)
                try await events.wait("the point") { $0.event == .experiment(lead.id) }
                _ = try await store.change(
                    .decide(end),
                    lead: try unwrap(try await store.renewLead(lead, lease: lease))
                )
                _ = try await store.change(.finish, lead: lead)
                try await events.wait("the end") { $0.event == .experiment(lead.id) }
                _ = try await store.replaceLimits(of: lead.id, from: wideLimits, to: firstLimits)
                try await events.wait("the reopening") { $0.event == .experiment(lead.id) }
            }
        }
    }
}
