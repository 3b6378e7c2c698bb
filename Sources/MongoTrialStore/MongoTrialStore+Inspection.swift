import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// Places in one query for output: each is a branch of an `$or`.
    private static let placesPerQuery = 64

    /// See `TrialStore`.
    public func latestTrials(of experiment: ExperimentID, count: Int) async throws -> [Trial] {
        guard count > 0 else { return [] }
        // What `Trial.touchedAt` is; `$max` passes over null and over what is missing.
        let touched: BSONValue = [
            "$max": [
                "$created_at", "$finished_at", ["$max": "$attempts.claimed_at"], ["$max": "$attempts.ended_at"],
            ]
        ]
        let numbers = try await translating {
            try await connection.aggregate(
                [
                    ["$match": ["exp_key": .string(experiment.rawValue)]],
                    ["$project": ["tid": 1, "touched": touched]],
                    ["$sort": ["touched": -1, "tid": -1]],
                    ["$limit": .int(count)],
                ],
                in: jobs
            ).compactMap { $0["tid"]?.asInt }
        }
        return try await trials(of: experiment, TrialQuery(states: [], orNumbers: numbers))
    }

    /// See `TrialStore`.
    public func triedPoints(of experiment: ExperimentID) async throws -> Set<String> {
        let prefix = TrialOrigin.enqueued("").text
        return try await translating {
            let origins = try await connection.aggregate(
                [
                    ["$match": ["exp_key": .string(experiment.rawValue), "origin": ["$gte": .string(prefix)]]],
                    ["$group": ["_id": "$origin"]],
                ],
                in: jobs
            )
            let ids = origins.compactMap { $0["_id"]?.asString.flatMap(TrialOrigin.init) }.compactMap { origin in
                if case .enqueued(let id) = origin { id } else { nil as String? }
            }
            return Set(ids)
        }
    }

    /// See `TrialStore`.
    public func lastLogChunks(
        of trial: TrialID,
        attempt: Int,
        stream: LogChunk.Stream,
        before: Int?,
        count: Int
    ) async throws -> [LogChunk] {
        guard count > 0 else { return [] }
        var filter: [(String, BSONValue)] = [
            ("experiment", .string(trial.experiment.rawValue)), ("trial", .int(trial.number)),
            ("attempt", .int(attempt)), ("stream", .string(stream.rawValue)),
        ]
        if let before { filter.append(("seq", ["$lt": .int(before)])) }
        return try await translating {
            try await connection.find(
                try BSONDocument(filter),
                options: FindOptions(sort: ["seq": -1], limit: count),
                in: collection(Schema.logs)
            ).reversed().map { document in
                LogChunk(
                    trial: trial,
                    attempt: attempt,
                    stream: stream,
                    sequence: try document.require("seq").int,
                    bytes: try document.require("data").binary
                )
            }
        }
    }

    /// See `TrialStore`.
    public func knownWorkers() async throws -> [Worker] {
        try await translating {
            let documents = try await connection.find(
                [:],
                options: FindOptions(sort: ["_id": 1]),
                in: collection(Schema.workers)
            )
            return readable(documents, "Worker", Self.worker)
        }
    }

    /// See `TrialStore`.
    public func runningTrials() async throws -> [RunningTrial] {
        let fields: BSONDocument = [
            "exp_key": 1, "tid": 1, "attempt": 1, "owner": 1, "book_time": 1, "lease_until": 1,
        ]
        return try await translating {
            try await connection.find(
                ["state": .int(TrialState.running.rawValue)],
                // The planner takes an index of `owner` for a query without it only when told.
                options: FindOptions(projection: fields, hint: "held"),
                in: jobs
            ).compactMap { document in
                guard let owner = document["owner"]?.asArray?.first?.asString else { return nil }
                return RunningTrial(
                    id: TrialID(
                        experiment: ExperimentID(try document.require("exp_key").string),
                        number: try document.require("tid").int
                    ),
                    attempt: try document.require("attempt").int,
                    worker: WorkerID(owner),
                    claimedAt: document["book_time"]?.timestamp,
                    leaseUntil: document["lease_until"]?.timestamp
                )
            }
            .sorted { $0.id < $1.id }
        }
    }

    /// See `TrialStore`.
    public func logChunks(
        of experiment: ExperimentID,
        from places: [LogPosition],
        limit: Int
    ) async throws -> [LogChunk] {
        let sorted = places.sorted {
            ($0.trial, $0.attempt, $0.stream.rawValue) < ($1.trial, $1.attempt, $1.stream.rawValue)
        }
        var chunks: [LogChunk] = []
        for start in stride(from: 0, to: sorted.count, by: Self.placesPerQuery) where chunks.count < limit {
            let part = sorted[start..<min(start + Self.placesPerQuery, sorted.count)]
            chunks += try await readChunks(experiment, Array(part), limit: limit - chunks.count)
        }
        return chunks
    }

    private func readChunks(
        _ experiment: ExperimentID,
        _ places: [LogPosition],
        limit: Int
    ) async throws -> [LogChunk] {
        // The experiment stands in each branch, so that each is one range of the index, in the order of the answer.
        let branches: [BSONValue] = places.map { place in
            [
                "experiment": .string(experiment.rawValue), "trial": .int(place.trial),
                "attempt": .int(place.attempt), "stream": .string(place.stream.rawValue),
                "seq": ["$gte": .int(place.next)],
            ]
        }
        return try await translating {
            try await connection.find(
                ["$or": .array(branches)],
                options: FindOptions(sort: ["trial": 1, "attempt": 1, "stream": 1, "seq": 1], limit: limit),
                in: collection(Schema.logs)
            ).compactMap { document in
                guard let stream = LogChunk.Stream(rawValue: try document.require("stream").string) else { return nil }
                return LogChunk(
                    trial: TrialID(experiment: experiment, number: try document.require("trial").int),
                    attempt: try document.require("attempt").int,
                    stream: stream,
                    sequence: try document.require("seq").int,
                    bytes: try document.require("data").binary
                )
            }
        }
    }

    /// See `TrialStore`.
    public func trialCounts(of experiments: [ExperimentID]) async throws -> [ExperimentID: [TrialState: Int]] {
        guard !experiments.isEmpty else { return [:] }
        return try await translating {
            let groups = try await connection.aggregate(
                [
                    ["$match": ["exp_key": Self.anyOf(experiments)]],
                    ["$group": ["_id": ["experiment": "$exp_key", "state": "$state"], "count": ["$sum": 1]]],
                ],
                in: jobs
            )
            var counts: [ExperimentID: [TrialState: Int]] = [:]
            for group in groups {
                guard let id = group.value(at: "_id.experiment")?.asString,
                    let state = group.value(at: "_id.state")?.asInt.flatMap(TrialState.init)
                else { continue }
                counts[ExperimentID(id), default: [:]][state] = group["count"]?.asInt
            }
            return counts
        }
    }

    /// See `TrialStore`.
    public func bestTrials(of experiments: [ExperimentID]) async throws -> [ExperimentID: Trial] {
        guard !experiments.isEmpty else { return [:] }
        return try await translating {
            let found = try await connection.aggregate(
                [
                    ["$match": ["exp_key": Self.anyOf(experiments), "state": .int(TrialState.done.rawValue)]],
                    [
                        "$group": [
                            "_id": "$exp_key",
                            "best": ["$top": ["sortBy": ["result.loss": 1, "tid": 1], "output": "$$ROOT"]],
                        ]
                    ],
                ],
                in: jobs
            )
            var best: [ExperimentID: Trial] = [:]
            for document in found {
                let trial = try TrialDocument.read(try document.require("best").document)
                best[trial.id.experiment] = trial
            }
            return best
        }
    }

    private static func anyOf(_ experiments: [ExperimentID]) -> BSONValue {
        ["$in": .array(experiments.map { .string($0.rawValue) })]
    }
}
