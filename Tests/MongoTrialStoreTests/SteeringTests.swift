import BSON
import Coordination
import ExperimentModel
import Logging
import MongoClient
import OrderedCollections
import SearchSpace
import Testing
import TuningTestKit

@testable import MongoTrialStore

@Suite("MongoDB store, wishes of people", .timeLimit(.minutes(10)))
struct SteeringTests {
    /// A store in a database of its own, with its two main collections.
    private struct Bench {
        var store: MongoTrialStore
        var connection: MongoConnection
        var experiments: Namespace
        var jobs: Namespace
        var meta: Namespace

        func change(_ update: MongoUpdate, in namespace: Namespace) async throws {
            let outcome = try await connection.updateMany([:], update, in: namespace)
            #expect(outcome.matchedCount > 0)
        }

        func experiment() async throws -> BSONDocument {
            try #require(try await connection.findOne([:], in: experiments))
        }

        func job(_ number: Int) async throws -> BSONDocument {
            try #require(try await connection.findOne(["tid": .int(number)], in: jobs))
        }
    }

    private func withBench(_ body: (Bench) async throws -> Void) async throws {
        let server = try await ScratchMongod.replicaSet()
        let database = ScratchMongod.freshDatabase()
        try await server.withConnection { connection in
            let store = MongoTrialStore(connection: connection, database: database, logger: .silent)
            func named(_ name: String) -> Namespace { Namespace(database: database, collection: name) }
            let bench = Bench(
                store: store,
                connection: connection,
                experiments: named("experiments"),
                jobs: named("jobs"),
                meta: named("meta")
            )
            try await body(bench)
        }
    }

    private let old = Limits(maxTrials: 4)
    private let new = Limits(maxTrials: 6, goalValue: 0.5, isFailFast: false)

    /// What a program of schema version 1 would have stored.
    private func makeOld(_ bench: Bench) async throws {
        try await bench.change(
            [
                "$unset": [
                    "limits": "", "enqueued": "", "revision": "", "retrying": "", "reopened_at": "",
                    "definition.limits.fail_fast": "", "definition.initial": "", "definition.exclusive": "",
                    "definition.store_outage_limit": "",
                ],
                "$set": ["schema": 1],
            ],
            in: bench.experiments
        )
    }

    @Test("a database of version 1 is raised to this one, so that an older program refuses it")
    func raisesVersion() async throws {
        try await withBench { bench in
            _ = try await bench.connection.insert([["_id": "schema", "version": 1]], into: bench.meta)
            try await bench.store.prepare()
            try await bench.store.prepare()
            let stored = try await bench.connection.findOne(["_id": "schema"], in: bench.meta)
            #expect(stored?["version"]?.asInt == Schema.version)
        }
    }

    @Test("documents of version 1 are read with defaults and can be steered, which raises their version")
    func readsOld() async throws {
        try await withBench { bench in
            let store = bench.store
            var lead = try await TrialStoreConformance.running(store, trials: 1, limits: old)
            try await makeOld(bench)
            try await bench.change(["$unset": ["origin": ""]], in: bench.jobs)
            let read = try #require(try await store.experiment(lead.id))
            #expect(read == lead.experiment)
            #expect(try await store.trials(of: lead.id, .all).map(\.origin) == [.sampler])
            #expect(try await store.reserveTrials(9, lead: lead).nextTrial == 5)

            let changed = try #require(try await store.replaceLimits(of: lead.id, from: old, to: new))
            #expect(changed.limits == new && changed.revision == 1)
            lead.experiment = changed
            #expect(try await bench.experiment()["schema"]?.asInt == Schema.version)
            #expect(try await store.reserveTrials(9, lead: lead).nextTrial == 7)

            try await makeOld(bench)
            let point = EnqueuedPoint(id: "p", values: Suggestion(values: ["x": .double(1)]))
            #expect(try await store.enqueue(point, experiment: lead.id)?.enqueued == [point])

            try await makeOld(bench)
            let claimed = try await TrialStoreConformance.claim(store, lead.id)
            let failure = AttemptOutcome(cause: .failed)
            _ = try await store.finish(claimed, with: failure, retries: RetryLimits())
            #expect(try await store.retryTrial(claimed.id)?.state == .new)

            try await makeOld(bench)
            let end = ExperimentEnding(state: .completed, reason: .maxTrials)
            lead.experiment = try #require(try await store.experiment(lead.id))
            #expect(try await store.change(.decide(end), lead: lead).ending == end)
            #expect(try await store.change(.finish, lead: lead).state == .completed)
            #expect(try await store.replaceLimits(of: lead.id, from: old, to: new)?.state == .running)
        }
    }

    @Test(
        "a wish to retry that its client left half-way holds the end back; the leader or whoever asks again completes it",
        arguments: [true, false]
    )
    func halfWay(isLeader: Bool) async throws {
        try await withBench { bench in
            let store = bench.store
            let lead = try await TrialStoreConformance.running(store, trials: 1)
            let claimed = try await TrialStoreConformance.claim(store, lead.id)
            _ = try await store.finish(claimed, with: AttemptOutcome(cause: .failed), retries: RetryLimits())
            let failed = try #require(try await store.trials(of: lead.id, .all).first)
            let wish: BSONValue = ["tid": 1, "version": .int(failed.version)]
            try await bench.change(["$push": ["retrying": wish]], in: bench.experiments)
            #expect(try await store.experiment(lead.id)?.retrying == [1])

            let end = ExperimentEnding(state: .cancelled, reason: .user)
            _ = try await store.requestEnd(of: lead.id, end)
            #expect(try await store.change(.finish, lead: lead).state == .running)
            var expected = failed
            expected.retry()
            if isLeader {
                #expect(try await store.carryOutRetries(of: lead) == [expected])
            } else {
                #expect(try await store.retryTrial(claimed.id) == expected)
            }
            #expect(try await store.experiment(lead.id)?.retrying == [])
            _ = try await store.cancelNewTrials(of: lead)
            #expect(try await store.change(.finish, lead: lead).state == .cancelled)

            // The client that was cut off comes late: its write finds another version and changes nothing.
            let late = try await bench.connection.updateOne(
                ["tid": 1, "version": .int(failed.version)],
                ["$set": ["state": 0]],
                in: bench.jobs
            )
            #expect(late.matchedCount == 0)
        }
    }

    @Test("no more points are enqueued than the limit, by number or by size, and the message says so")
    func enqueueLimits() async throws {
        try await withBench { bench in
            let store = bench.store
            let id = ExperimentID("es0000001")
            _ = try await store.createExperiment(try TrialStoreConformance.definition(), id: id)
            func fill(_ count: Int, bytes: Int = 0) async throws {
                let padding = String(repeating: "x", count: bytes)
                let points: [BSONValue] = (0..<count).map { ["id": .string("p\($0)\(padding)"), "values": ["x": 0.5]] }
                try await bench.change(["$set": ["enqueued": .array(points)]], in: bench.experiments)
            }
            func point(_ id: String) -> EnqueuedPoint {
                EnqueuedPoint(id: id, values: Suggestion(values: ["x": .double(1)]))
            }
            let full = TrialStoreError.tooManyEnqueued(id, limit: EnqueuedPoint.largestCount)
            try await fill(EnqueuedPoint.largestCount - 1)
            #expect(
                try await store.enqueue(point("last"), experiment: id)?.enqueued.count == EnqueuedPoint.largestCount
            )
            await #expect(throws: full) { try await store.enqueue(point("more"), experiment: id) }
            #expect(try await store.enqueue(point("last"), experiment: id)?.enqueued.last?.id == "last")
            try await fill(1, bytes: MongoTrialStore.largestExperimentBytes)
            await #expect(throws: full) { try await store.enqueue(point("more"), experiment: id) }
            #expect(full.description.contains("10000"))
        }
    }

    @Test("labels of any spelling come back from an enqueued point, in the kind of number of their domain")
    func anyLabel() async throws {
        try await withBench { bench in
            let labels = ["a$b", "a.b", "ä b"]
            var root = OrderedDictionary<String, SpaceNode>()
            for (index, label) in labels.enumerated() {
                root["k\(index)"] = .parameter(Parameter(label: label, domain: .uniform(low: 0, high: 5)))
            }
            var definition = try TrialStoreConformance.definition()
            definition.searchSpace = try SearchSpace(root: root)
            let id = ExperimentID("es0000001")
            _ = try await bench.store.createExperiment(definition, id: id)
            let values = OrderedDictionary(uniqueKeysWithValues: labels.map { ($0, LabelValue.double(2)) })
            let point = EnqueuedPoint(id: "$id.0", values: Suggestion(values: values))
            #expect(try await bench.store.enqueue(point, experiment: id)?.enqueued == [point])
            #expect(try await bench.store.experiment(id)?.enqueued == [point])
        }
    }

    @Test("a trial stays readable for hyperopt in every state, and its version only grows")
    func hyperoptStates() async throws {
        try await withBench { bench in
            let store = bench.store
            let lead = try await TrialStoreConformance.running(store, trials: 2)
            var versions: [Int: Int] = [:]
            func check(_ number: Int, _ state: TrialState, _ status: String, isChanged: Bool = true) async throws {
                let job = try await bench.job(number)
                #expect(job["state"]?.asInt == state.rawValue)
                let result = try #require(job["result"]?.asDocument)
                #expect(result["status"]?.asString == status)
                #expect((result["loss"]?.asDouble != nil) == (status == "ok"))
                #expect((job["error"] != nil) == (state == .failed))
                #expect(job.value(at: "misc.tid")?.asInt == number)
                #expect(job.value(at: "misc.idxs.x")?.asArray == [.int(number)])
                #expect(job.value(at: "misc.vals.x")?.asArray?.count == 1)
                #expect(job["exp_key"]?.asString == lead.id.rawValue && job["spec"] != nil)
                // Never null, which a stock worker would take; not empty either, while someone holds it.
                let owners = try #require(job["owner"]?.asArray)
                if state == .new || state == .running { #expect(owners.count == (state == .new ? 0 : 1)) }
                let version = try #require(job["version"]?.asInt)
                if let last = versions[number] { #expect(isChanged ? version > last : version == last) }
                versions[number] = version
            }
            try await check(1, .new, "new")
            var claimed = try await TrialStoreConformance.claim(store, lead.id)
            try await check(1, .running, "new")
            _ = try await store.renewLeases(of: try #require(claimed.owner), lease: TrialStoreConformance.lease)
            try await check(1, .running, "new", isChanged: false)
            _ = try await store.finish(claimed, with: AttemptOutcome(cause: .failed), retries: RetryLimits())
            try await check(1, .failed, "fail")
            _ = try await store.retryTrial(claimed.id)
            try await check(1, .new, "new")
            _ = try await store.cancelNewTrials(of: lead)
            try await check(1, .cancelled, "new")
            try await check(2, .cancelled, "new")
            _ = try await store.retryTrial(claimed.id)
            try await check(1, .new, "new")
            claimed = try await TrialStoreConformance.claim(store, lead.id)
            try await store.orderRunningTrials(.cancel, of: lead)
            try await check(1, .running, "new")
            _ = try await store.finish(claimed, with: AttemptOutcome(cause: .cancelled), retries: RetryLimits())
            try await check(1, .cancelled, "new")
            _ = try await store.retryTrial(claimed.id)
            claimed = try await TrialStoreConformance.claim(store, lead.id)
            _ = try await store.finish(claimed, with: AttemptOutcome(cause: .drained), retries: RetryLimits())
            try await check(1, .new, "new")
            claimed = try await TrialStoreConformance.claim(store, lead.id)
            let success = AttemptOutcome(cause: .succeeded, value: 0.5)
            _ = try await store.finish(claimed, with: success, retries: RetryLimits())
            try await check(1, .done, "ok")
        }
    }

    @Test("inactive labels have empty lists, and a choice is the index of its option")
    func conditionalLabels() async throws {
        try await withBench { bench in
            let inner = SpaceNode.mapping([
                "c": .parameter(Parameter(label: "svm_c", domain: .uniform(low: 0, high: 9)))
            ])
            let choice = Parameter(label: "kind", domain: .choice([.constant("tree"), inner]))
            var definition = try TrialStoreConformance.definition()
            definition.searchSpace = try SearchSpace(root: ["model": .parameter(choice)])
            let id = ExperimentID("es0000001")
            _ = try await bench.store.createExperiment(definition, id: id)
            var trials: [Trial] = []
            let suggestions = [
                Suggestion(values: ["kind": .integer(0)]),
                Suggestion(values: ["kind": .integer(1), "svm_c": .double(2)]),
            ]
            for (index, suggestion) in suggestions.enumerated() {
                trials.append(
                    Trial(
                        id: TrialID(experiment: id, number: index + 1),
                        suggestion: suggestion,
                        assignment: try definition.searchSpace.assignment(for: suggestion),
                        createdAt: try await bench.store.now()
                    )
                )
            }
            try await bench.store.insertTrials(trials)
            let first = try await bench.job(1)
            #expect(first.value(at: "misc.idxs")?.asDocument == ["kind": [1], "svm_c": []])
            #expect(first.value(at: "misc.vals")?.asDocument == ["kind": [0], "svm_c": []])
            let second = try await bench.job(2)
            #expect(second.value(at: "misc.idxs")?.asDocument == ["kind": [2], "svm_c": [2]])
            #expect(second.value(at: "misc.vals")?.asDocument == ["kind": [1], "svm_c": [2.0]])
            #expect(try await bench.store.trials(of: id, .all) == trials)
        }
    }
}
