import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

extension TrialStoreConformance {
    static let experimentChecks: [TrialStoreConformance] = [
        TrialStoreConformance("an experiment is read back as it was stored, and storing it twice is one") { store in
            let id = ExperimentID("es0000001")
            let definition = try definition(limits: Limits(maxTrials: 7, maxDurationSeconds: 0.5))
            let created = try await store.createExperiment(definition, id: id)
            try expectEqual(created.state, .created)
            try expectEqual(created.nextTrial, 1)
            let again = try await store.createExperiment(definition, id: id)
            try expectEqual(again, created)
            try expectEqual(try await store.experiment(id), created)
            try expectEqual(try await store.experiment(ExperimentID("es9999999")), nil)
        },
        TrialStoreConformance("an id that is taken by another definition is refused") { store in
            let id = ExperimentID("es0000001")
            _ = try await store.createExperiment(try definition(name: "one"), id: id)
            let error = try await storeError {
                _ = try await store.createExperiment(try definition(name: "two"), id: id)
            }
            try expectEqual(error, .experimentExists(id))
        },
        TrialStoreConformance("experiments are found by name, state and lead, oldest first") { store in
            for (id, name) in [("es0000001", "one"), ("es0000002", "two"), ("es0000003", "one")] {
                _ = try await store.createExperiment(try definition(name: name), id: ExperimentID(id))
            }
            func ids(_ query: ExperimentQuery) async throws -> [String] {
                try await store.experiments(query).map(\.id.rawValue)
            }
            try expectEqual(try await ids(ExperimentQuery()), ["es0000001", "es0000002", "es0000003"])
            try expectEqual(try await ids(ExperimentQuery(name: "one")), ["es0000001", "es0000003"])
            try expectEqual(try await ids(ExperimentQuery(name: "one", newest: 1)), ["es0000003"])
            let two = ExperimentID("es0000002")
            let lead = try unwrap(try await store.takeLead(of: two, as: "leader", lease: lease))
            try expectEqual(try await ids(ExperimentQuery(isLeaderlessOnly: true)), ["es0000001", "es0000003"])
            _ = try await store.change(
                .decide(ExperimentEnding(state: .cancelled, reason: .user)),
                lead: lead
            )
            _ = try await store.change(.finish, lead: lead)
            try expectEqual(try await ids(ExperimentQuery(isUnfinishedOnly: true)), ["es0000001", "es0000003"])
        },
        TrialStoreConformance(
            "the first decision to end an experiment stands, and no trial number is promised after it"
        ) {
            store in
            let lead = try await running(store, trials: 1)
            let first = ExperimentEnding(state: .cancelled, reason: .user, message: "enough")
            let ended = try unwrap(try await store.requestEnd(of: lead.id, first))
            try expectEqual(ended.ending, first)
            try expectEqual(ended.state, .running)
            let late = ExperimentEnding(state: .completed, reason: .maxTrials)
            try expectEqual(try await store.requestEnd(of: lead.id, late)?.ending, first)
            try expectEqual(try await store.change(.decide(late), lead: lead).ending, first)
            try expectEqual(try await store.reserveTrials(5, lead: lead).nextTrial, 2)
            let finished = try await store.change(.finish, lead: lead)
            try expectEqual(finished.state, .cancelled)
            try expect(finished.finishedAt != nil, "the end has no time")
            try expectEqual(try await store.requestEnd(of: ExperimentID("es9999999"), first), nil)
        },
        TrialStoreConformance("an experiment cannot finish before its ending is decided") { store in
            let lead = try await running(store, trials: 0)
            try expectEqual(try await store.change(.finish, lead: lead).state, .running)
        },
        TrialStoreConformance("pausing and resuming keeps account of the time") { store in
            let lead = try await running(store, trials: 0)
            let start = try await store.now()
            _ = try await store.change(.markStarted(start), lead: lead)
            let paused = try unwrap(try await store.setPaused(true, experiment: lead.id))
            try expectEqual(paused.state, .paused)
            try expect(paused.pausedAt != nil, "the pause has no beginning")
            try expectEqual(try await store.setPaused(true, experiment: lead.id)?.pausedAt, paused.pausedAt)
            let resumed = try unwrap(try await store.setPaused(false, experiment: lead.id))
            try expectEqual(resumed.state, .running)
            try expectEqual(resumed.pausedAt, nil)
            try expect(resumed.pausedMilliseconds >= 0, "time ran backwards")
        },
        TrialStoreConformance("the first claim's time is kept, an earlier one replaces a later") { store in
            let lead = try await running(store, trials: 0)
            let early = Timestamp(milliseconds: 1_700_000_000_000)
            let late = Timestamp(milliseconds: 1_700_000_000_500)
            try expectEqual(try await store.change(.markStarted(late), lead: lead).startedAt, late)
            try expectEqual(try await store.change(.markStarted(early), lead: lead).startedAt, early)
            try expectEqual(try await store.change(.markStarted(late), lead: lead).startedAt, early)
        },
    ]

    static let leadChecks: [TrialStoreConformance] = [
        TrialStoreConformance(
            "one leader at a time; its lead can be renewed, released and taken over when it has run out"
        ) {
            store in
            let id = ExperimentID("es0000001")
            _ = try await store.createExperiment(try definition(), id: id)
            let first = try unwrap(try await store.takeLead(of: id, as: "one", lease: lease))
            try expectEqual(first.epoch, 1)
            try expectEqual(try await store.takeLead(of: id, as: "two", lease: lease), nil)
            let renewed = try unwrap(try await store.renewLead(first, lease: expired))
            try expectEqual(renewed.epoch, 1)
            try expect(renewed.renewedAt >= first.renewedAt, "the store's clock ran backwards")
            let second = try unwrap(try await store.takeLead(of: id, as: "two", lease: lease), "no takeover")
            try expectEqual(second.epoch, 2)
            try expectEqual(try await store.renewLead(first, lease: lease), nil)
            try await store.releaseLead(first)
            try expectEqual(try await store.takeLead(of: id, as: "three", lease: lease), nil, "a stale release counted")
            try await store.releaseLead(second)
            try expectEqual(try await store.takeLead(of: id, as: "three", lease: lease)?.epoch, 3)
        },
        TrialStoreConformance("a leader whose reply was lost takes its own lead again") { store in
            let id = ExperimentID("es0000001")
            _ = try await store.createExperiment(try definition(), id: id)
            _ = try await store.takeLead(of: id, as: "one", lease: lease)
            try expectEqual(try await store.takeLead(of: id, as: "one", lease: lease)?.epoch, 2)
        },
        TrialStoreConformance("of 16 servers that reach for the lead at once, one gets it") { store in
            let id = ExperimentID("es0000001")
            _ = try await store.createExperiment(try definition(), id: id)
            let leads = try await withThrowingTaskGroup(of: Lead?.self) { group in
                for number in 0..<16 {
                    group.addTask { try await store.takeLead(of: id, as: "server \(number)", lease: lease) }
                }
                return try await group.reduce(into: [Lead]()) { if let lead = $1 { $0.append(lead) } }
            }
            try expectEqual(leads.count, 1)
        },
        TrialStoreConformance("a stale leader's writes change nothing") { store in
            let stale = try await running(store, trials: 2)
            let claimed = try await claim(store, stale.id, lease: expired)
            _ = try unwrap(try await store.renewLead(stale, lease: expired))
            _ = try unwrap(try await store.takeLead(of: stale.id, as: "leader-2", lease: lease))
            let before = try await store.experiment(stale.id)
            let lost = TrialStoreError.leadLost(stale.id)
            let ending = ExperimentEnding(state: .failed, reason: .failFast)
            try expectEqual(try await storeError { _ = try await store.change(.decide(ending), lead: stale) }, lost)
            try expectEqual(try await storeError { _ = try await store.reserveTrials(3, lead: stale) }, lost)
            try expectEqual(
                try await storeError { _ = try await store.expireLeases(of: stale, retries: RetryLimits()) },
                lost
            )
            try expectEqual(try await storeError { _ = try await store.cancelNewTrials(of: stale) }, lost)
            try expectEqual(try await storeError { try await store.orderRunningTrials(.cancel, of: stale) }, lost)
            try expectEqual(try await store.experiment(stale.id), before)
            try expectEqual(try await read(store, claimed.id), claimed)
        },
        TrialStoreConformance("promised trial numbers never exceed max_trials") { store in
            var lead = try await running(store, trials: 0, limits: Limits(maxTrials: 5))
            for expected in [4, 6, 6] {
                lead.experiment = try await store.reserveTrials(3, lead: lead)
                try expectEqual(lead.experiment.nextTrial, expected)
            }
        },
        TrialStoreConformance("a promise that is asked for again, since the reply was lost, is made once") { store in
            let lead = try await running(store, trials: 0)
            let promised = try await store.reserveTrials(3, lead: lead)
            try expectEqual(promised.nextTrial, 4)
            try expectEqual(try await store.reserveTrials(3, lead: lead), promised)
        },
        TrialStoreConformance("a leader that does not know what a person changed last promises nothing") { store in
            let lead = try await running(store, trials: 0)
            let changed = try await store.enqueue(EnqueuedPoint(id: "p", values: .init()), experiment: lead.id)
            try expectEqual(try await store.reserveTrials(3, lead: lead), try unwrap(changed))
        },
        TrialStoreConformance("a trial number is given once: the first insert stands") { store in
            let lead = try await running(store, trials: 2)
            try await store.insertTrials([
                try trial(2, of: lead.id, x: 4.5), try trial(3, of: lead.id), try trial(1, of: lead.id, x: 4.5),
            ])
            let trials = try await store.trials(of: lead.id, .all)
            try expectEqual(trials.map(\.id.number), [1, 2, 3])
            try expectEqual(trials.map(\.assignment), [["x": 0.001], ["x": 0.002], ["x": 0.003]])
            try expectEqual(trials.map(\.suggestion.values), trials.map { ["x": .double(Double($0.id.number) / 1000)] })
        },
        TrialStoreConformance("no lead is given of an experiment that has ended or does not exist") { store in
            let lead = try await running(store, trials: 0)
            _ = try await store.change(.decide(ExperimentEnding(state: .completed, reason: .maxTrials)), lead: lead)
            _ = try await store.change(.finish, lead: lead)
            try await store.releaseLead(lead)
            try expectEqual(try await store.takeLead(of: lead.id, as: "two", lease: lease), nil)
            try expectEqual(try await store.takeLead(of: ExperimentID("es9999999"), as: "two", lease: lease), nil)
        },
    ]
}
