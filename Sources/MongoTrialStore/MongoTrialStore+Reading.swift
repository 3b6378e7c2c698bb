import BSON
public import Coordination
public import ExperimentModel
import MongoClient

extension MongoTrialStore {
    /// See `TrialStore`.
    public func trials(of experiment: ExperimentID, _ query: TrialQuery) async throws -> [Trial] {
        var filter: [(String, BSONValue)] = [("exp_key", .string(experiment.rawValue))]
        if let states = query.states {
            var wanted: [BSONDocument] = []
            if !states.isEmpty {
                wanted.append(["state": ["$in": .array(states.map(\.rawValue).sorted().map { .int($0) })]])
            }
            if !query.orNumbers.isEmpty { wanted.append(["tid": ["$in": .array(query.orNumbers.map { .int($0) })]]) }
            if query.orDelayed { wanted.append(["state": .int(TrialState.new.rawValue), "not_before": ["$ne": nil]]) }
            guard let first = wanted.first else { return [] }
            if wanted.count == 1 {
                filter += first.elements
            } else {
                filter.append(("$or", .array(wanted.map { .document($0) })))
            }
        }
        return try await translating {
            try await connection.find(
                try BSONDocument(filter),
                options: FindOptions(sort: ["tid": 1]),
                in: jobs
            ).map(TrialDocument.read)
        }
    }

    /// See `TrialStore`.
    public func trialCounts(of experiment: ExperimentID) async throws -> [TrialState: Int] {
        try await translating {
            let groups = try await connection.aggregate(
                [
                    ["$match": ["exp_key": .string(experiment.rawValue)]],
                    ["$group": ["_id": "$state", "count": ["$sum": 1]]],
                ],
                in: jobs
            )
            var counts: [TrialState: Int] = [:]
            for group in groups {
                guard let state = group["_id"]?.asInt.flatMap(TrialState.init) else { continue }
                counts[state] = group["count"]?.asInt
            }
            return counts
        }
    }

    /// See `TrialStore`.
    public func bestTrial(of experiment: ExperimentID) async throws -> Trial? {
        try await translating {
            try await connection.findOne(
                try BSONDocument(Self.inState(.done, of: experiment)),
                options: FindOptions(sort: ["result.loss": 1, "tid": 1]),
                in: jobs
            ).map(TrialDocument.read)
        }
    }

    /// See `TrialStore`.
    public func observations(of trial: TrialID) async throws -> [Observation] {
        try await translating {
            try await connection.find(
                ["experiment": .string(trial.experiment.rawValue), "trial": .int(trial.number)],
                options: FindOptions(sort: ["attempt": 1, "seq": 1]),
                in: collection(Schema.observations)
            ).map { try Self.observation($0, of: trial) }
        }
    }

    /// See `TrialStore`.
    public func observations(of experiment: ExperimentID, trials: ClosedRange<Int>) async throws -> [Observation] {
        try await translating {
            try await connection.find(
                [
                    "experiment": .string(experiment.rawValue),
                    "trial": ["$gte": .int(trials.lowerBound), "$lte": .int(trials.upperBound)],
                ],
                options: FindOptions(sort: ["trial": 1, "attempt": 1, "seq": 1]),
                in: collection(Schema.observations)
            ).map { document in
                let number = try document.require("trial").int
                return try Self.observation(document, of: TrialID(experiment: experiment, number: number))
            }
        }
    }

    static func observation(_ document: BSONDocument, of trial: TrialID) throws -> Observation {
        do {
            return try ObservationDocument.read(document, of: trial)
        } catch {
            throw unreadable(document, "Trial \(trial): observation", error)
        }
    }

    /// See `TrialStore`.
    public func log(of trial: TrialID, attempt: Int) async throws -> [LogChunk] {
        try await translating {
            try await connection.find(
                [
                    "experiment": .string(trial.experiment.rawValue), "trial": .int(trial.number),
                    "attempt": .int(attempt),
                ],
                options: FindOptions(sort: ["stream": 1, "seq": 1]),
                in: collection(Schema.logs)
            ).compactMap { document in
                guard let stream = LogChunk.Stream(rawValue: try document.require("stream").string) else { return nil }
                return LogChunk(
                    trial: trial,
                    attempt: attempt,
                    stream: stream,
                    sequence: try document.require("seq").int,
                    bytes: try document.require("data").binary
                )
            }
        }
    }
}
