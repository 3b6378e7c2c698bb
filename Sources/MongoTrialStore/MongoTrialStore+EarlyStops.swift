import BSON
public import Coordination
public import ExperimentModel
import MongoClient

/// Reports that policies look at, and what is decided on them.
extension MongoTrialStore {
    /// The part of the collection that its index `report` holds.
    private static let isReport: (String, BSONValue) = ("interval", ["$exists": true])

    /// See `TrialStore`.
    public func objectiveReports(
        of experiment: ExperimentID,
        after position: ReportPosition,
        limit: Int
    ) async throws -> [ObjectiveReport] {
        guard limit > 0 else { return [] }
        return try await translating {
            var reports = try await reports(of: experiment, ["$gt": position.bson], limit: limit)
            guard reports.count >= limit, let last = reports.last?.position else { return reports }
            // Two servers of a sharded cluster may give the same position; the next page begins after it.
            reports.removeAll { $0.position == last }
            return reports + (try await self.reports(of: experiment, last.bson, limit: nil))
        }
    }

    private func reports(
        of experiment: ExperimentID,
        _ position: BSONValue,
        limit: Int?
    ) async throws -> [ObjectiveReport] {
        try await connection.find(
            try BSONDocument([("experiment", .string(experiment.rawValue)), ("at", position), Self.isReport]),
            options: FindOptions(
                sort: ["at": 1],
                projection: ["trial": 1, "attempt": 1, "interval": 1, "value": 1, "at": 1],
                limit: limit
            ),
            in: collection(Schema.observations)
        ).compactMap(ObservationDocument.report)
    }

    /// What an attempt has reported of the objective, in its order.
    func objectiveValues(of trial: TrialID, attempt: Int) async throws -> [Double] {
        try await connection.find(
            try BSONDocument([
                ("experiment", .string(trial.experiment.rawValue)), ("trial", .int(trial.number)),
                ("attempt", .int(attempt)), Self.isReport,
            ]),
            options: FindOptions(sort: ["seq": 1], projection: ["value": 1]),
            in: collection(Schema.observations)
        ).compactMap { $0["value"]?.asDouble }
    }

    /// See `TrialStore`. As with orders, what is meant is known before the lead is looked at: here by the caller, who names the
    /// attempts.
    public func stopTrials(_ stops: [Int: EarlyStop], of lead: Lead) async throws {
        try await translating {
            guard !stops.isEmpty else { return }
            try await checkFence(lead)
            for (number, stop) in stops.sorted(by: { $0.key < $1.key }) {
                let decision = BSONValue.literal(.document(EarlyStopDocument.make(stop)))
                let filter: [(String, BSONValue)] = [
                    ("tid", .int(number)), ("attempt", .int(stop.attempt)), ("order", Self.weaker(than: .stop)),
                ]
                _ = try await connection.updateOne(
                    try BSONDocument(Self.inState(.running, of: lead.id) + filter),
                    [
                        [
                            "$set": [
                                "order": .string(TrialOrder.stop.rawValue),
                                "early_stop": ["$mergeObjects": [decision, ["at": "$$NOW"]]],
                                "version": ["$add": ["$version", 1]],
                            ]
                        ]
                    ],
                    in: jobs
                )
            }
        }
    }
}
