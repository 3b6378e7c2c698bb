import Coordination
import ExperimentModel

extension TrialStoreConformance {
    /// An experiment that has ended, with two done trials of one attempt each, a report and some output of both.
    static func ended(_ store: any TrialStore, id: String = "es0000001") async throws -> Experiment {
        let lead = try await running(store, trials: 2, id: id)
        for _ in 1...2 {
            let claimed = try await claim(store, lead.id)
            try await store.record([observation(claimed.id)])
            try await store.appendLog([
                chunk(claimed.id, .stdout, 0, "one"), chunk(claimed.id, .stdout, 1, "two"),
                chunk(claimed.id, .stderr, 0, "oh"),
            ])
            _ = try await store.finish(claimed, with: success, retries: RetryLimits())
        }
        _ = try await store.change(.decide(ExperimentEnding(state: .completed, reason: .maxTrials)), lead: lead)
        let ended = try await store.change(.finish, lead: lead)
        try expectEqual(ended.state, .completed)
        return ended
    }

    private static func observation(_ trial: TrialID) -> Observation {
        Observation(trial: trial, attempt: 1, sequence: 0, metric: "loss", step: 0, value: 1)
    }

    private static func chunk(
        _ trial: TrialID,
        _ stream: LogChunk.Stream,
        _ sequence: Int,
        _ text: String,
        attempt: Int = 1
    ) -> LogChunk {
        LogChunk(trial: trial, attempt: attempt, stream: stream, sequence: sequence, bytes: Array(text.utf8))
    }

    private static func deleteInFull(_ store: any TrialStore, _ experiment: Experiment) async throws {
        try expect(try await store.markDeleted(experiment), "it was not marked")
        try await store.purge(experiment.id)
    }

    static let upkeepChecks: [TrialStoreConformance] = [
        TrialStoreConformance("trials are read in pages, by number, to the last") { store in
            let lead = try await running(store, trials: 5)
            var pages: [[Int]] = []
            var last = 0
            while true {
                let page = try await store.trials(of: lead.id, after: last, limit: 2)
                guard let end = page.last else { break }
                pages.append(page.map(\.id.number))
                last = end.id.number
            }
            try expectEqual(pages, [[1, 2], [3, 4], [5]])
            try expectEqual(try await store.trials(of: ExperimentID("es9999999"), after: 0, limit: 2), [])
        },
        TrialStoreConformance("only an experiment that has ended, as it was last seen, is marked as deleted") { store in
            let lead = try await running(store, trials: 1)
            try expect(!(try await store.markDeleted(lead.experiment)), "it was running")
            let stale = try await ended(store, id: "es0000002")
            let point = EnqueuedPoint(id: "p", values: try trial(1, of: stale.id).suggestion)
            let changed = try unwrap(try await store.enqueue(point, experiment: stale.id))
            try expect(!(try await store.markDeleted(stale)), "somebody added a point")
            try expectEqual(try await store.experiment(stale.id), changed)
            try expect(try await store.markDeleted(changed), "it has ended and nobody changed it")
            try expect(try await store.markDeleted(changed), "the same call again")
        },
        TrialStoreConformance("an experiment that is marked as deleted is gone for every call, and its id stays taken")
        {
            store in
            let gone = try await ended(store)
            let stays = try await ended(store, id: "es0000002")
            let lead = Lead(experiment: gone, epoch: gone.epoch, renewedAt: try await store.now())
            let name = gone.definition.name
            try expect(try await store.markDeleted(gone), "it was not marked")
            try expectEqual(try await store.experiment(gone.id), nil)
            try expectEqual(try await store.experiments(ExperimentQuery()).map(\.id), [stays.id])
            try expectEqual(try await store.experiments(ExperimentQuery(name: name, newest: 1)).map(\.id), [stays.id])
            let limits = Limits(maxTrials: 200)
            try expectEqual(try await store.replaceLimits(of: gone.id, from: gone.limits, to: limits), nil)
            let point = EnqueuedPoint(id: "p", values: try trial(1, of: gone.id).suggestion)
            try expectEqual(try await store.enqueue(point, experiment: gone.id), nil)
            try expectEqual(try await store.retryTrial(TrialID(experiment: gone.id, number: 1)), nil)
            try expectEqual(try await store.setPaused(true, experiment: gone.id), nil)
            let end = ExperimentEnding(state: .cancelled, reason: .user)
            try expectEqual(try await store.requestEnd(of: gone.id, end), nil)
            try expectEqual(try await store.takeLead(of: gone.id, as: "leader-2", lease: lease), nil)
            try expectEqual(try await store.renewLead(lead, lease: lease), nil)
            try await store.releaseLead(lead)
            try expectEqual(
                try await storeError { _ = try await store.reserveTrials(1, lead: lead) },
                .noSuchExperiment(gone.id)
            )
            try expectEqual(
                try await storeError { _ = try await store.carryOutRetries(of: lead) },
                .noSuchExperiment(gone.id)
            )
            try expectEqual(
                try await storeError { _ = try await store.createExperiment(gone.definition, id: gone.id) },
                .experimentExists(gone.id)
            )
            try expectEqual(try await store.leftovers(), [gone.id])
        },
        TrialStoreConformance("purging leaves nothing of an experiment, nothing of others is touched, and repeats") {
            store in
            let gone = try await ended(store)
            let stays = try await ended(store, id: "es0000002")
            let before = try await store.records(of: stays.id)
            try expectEqual(
                try await storeError { try await store.purge(gone.id) },
                .notMarkedAsDeleted(gone.id)
            )
            try await deleteInFull(store, gone)
            try await store.purge(gone.id)
            for number in 1...2 {
                let id = TrialID(experiment: gone.id, number: number)
                try expectEqual(try await store.observations(of: id), [])
                try expectEqual(try await store.log(of: id, attempt: 1), [])
            }
            try expectEqual(try await store.trials(of: gone.id, .all), [])
            try expectEqual(try await store.records(of: gone.id), StoredRecords())
            try expectEqual(try await store.leftovers(), [])
            try expectEqual(try await store.records(of: stays.id), before)
            try expectEqual(try await store.trials(of: stays.id, .all).count, 2)
            // Nothing of it is known any more, so its id is free again.
            try expectEqual(try await store.createExperiment(gone.definition, id: gone.id).revision, 0)
        },
        TrialStoreConformance("what is written for an experiment that is gone is a leftover, and purging removes it") {
            store in
            let gone = try await ended(store)
            try await deleteInFull(store, gone)
            let late = TrialID(experiment: gone.id, number: 1)
            try await store.appendLog([chunk(late, .stdout, 5, "late")])
            try await store.record([observation(late)])
            try expectEqual(try await store.leftovers(), [gone.id])
            let records = try await store.records(of: gone.id)
            try expect(records.totalLogBytes > 0 && records.otherBytes > 0, "\(records)")
            try await store.purge(gone.id)
            try expectEqual(try await store.leftovers(), [])
        },
        TrialStoreConformance("records under an id that is none of ours belong to another program and are left alone") {
            store in
            let foreign = TrialID(experiment: ExperimentID("their-study"), number: 1)
            try await store.appendLog([chunk(foreign, .stdout, 0, "theirs")])
            try expectEqual(try await store.leftovers(), [])
            try expectEqual(
                try await storeError { try await store.purge(foreign.experiment) },
                .notLeftByDeletion(foreign.experiment)
            )
            try expectEqual(try await store.log(of: foreign, attempt: 1).map(\.bytes), [Array("theirs".utf8)])
        },
        TrialStoreConformance("the end of an output is read backwards, a few pieces at a time") { store in
            let kept = try await ended(store)
            let id = TrialID(experiment: kept.id, number: 1)
            try await store.appendLog((2...4).map { chunk(id, .stdout, $0, "\($0)") })
            func last(_ before: Int?, _ count: Int, attempt: Int = 1) async throws -> [Int] {
                try await store.lastLogChunks(of: id, attempt: attempt, stream: .stdout, before: before, count: count)
                    .map(\.sequence)
            }
            try expectEqual(try await last(nil, 2), [3, 4])
            try expectEqual(try await last(3, 2), [1, 2])
            try expectEqual(try await last(1, 2), [0])
            try expectEqual(try await last(0, 2), [])
            try expectEqual(try await last(nil, 0), [])
            try expectEqual(try await last(nil, 2, attempt: 2), [])
            let all = try await store.records(of: kept.id).logBytes
            try expectEqual(try await store.logBytes(of: kept.id), all)
            try expectEqual(all.keys.sorted(), [1, 2])
        },
        TrialStoreConformance(
            "of a person who reopens an experiment and one who deletes it, one wins and the other knows"
        ) {
            store in
            for number in 1...8 {
                let known = try await ended(store, id: "es000001\(number)")
                let limits = Limits(maxTrials: 300)
                async let isDeleted = store.markDeleted(known)
                async let reopened = store.replaceLimits(of: known.id, from: known.limits, to: limits)
                let (wasDeleted, wasReopened) = try await (isDeleted, reopened?.limits == limits)
                try expect(wasDeleted != wasReopened, "deleted: \(wasDeleted), reopened: \(wasReopened)")
                try expectEqual(try await store.experiment(known.id)?.state, wasDeleted ? nil : .running)
            }
        },
        TrialStoreConformance(
            "removed output leaves one note for each attempt, later attempts are kept, and it repeats"
        ) {
            store in
            let kept = try await ended(store)
            let id = TrialID(experiment: kept.id, number: 1)
            try await store.appendLog([chunk(id, .stdout, 0, "second", attempt: 2)])
            let other = try unwrap(try await store.records(of: kept.id).logBytes[2])
            try await store.removeLogs(of: id, through: 1, leaving: "gone\n")
            try expectEqual(try await store.log(of: id, attempt: 1), [chunk(id, .stderr, 0, "gone\n")])
            try expectEqual(try await store.log(of: id, attempt: 2).map(\.bytes), [Array("second".utf8)])
            try await store.removeLogs(of: id, through: 2, leaving: "later\n")
            try expectEqual(try await store.log(of: id, attempt: 1).map(\.bytes), [Array("gone\n".utf8)])
            try expectEqual(try await store.log(of: id, attempt: 2).map(\.bytes), [Array("later\n".utf8)])
            try expectEqual(try await store.records(of: kept.id).logBytes, [2: other])
            // A worker that was slow to upload adds to the note; that is removed with the next call.
            try await store.appendLog([chunk(id, .stdout, 3, "slow")])
            try await store.removeLogs(of: id, through: 1, leaving: "again\n")
            try expectEqual(try await store.log(of: id, attempt: 1).map(\.bytes), [Array("gone\n".utf8)])
        },
    ]
}
