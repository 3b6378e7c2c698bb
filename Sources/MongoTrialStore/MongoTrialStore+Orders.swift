import BSON
public import Coordination
public import ExperimentModel
import MongoClient

/// Writes of a leader to many trials at once.
///
/// No filter of theirs can name the epoch, which stands in another document. So they first read which trials they mean and in
/// what version or attempt, then see that the lead is still theirs, and write to just these, if they still are as they were:
/// a leader that was held up in between changes nothing that came after it (docs/state-machines.md, "Lead").
extension MongoTrialStore {
    /// See `TrialStore`.
    public func cancelNewTrials(of lead: Lead, only numbers: [Int]?) async throws -> [Trial] {
        try await translating {
            let wanted: [(String, BSONValue)] = numbers.map { [("tid", Self.among($0))] } ?? []
            let new = try await pictures(Self.inState(.new, of: lead.id) + wanted, by: "version")
            try await checkFence(lead)
            for (version, numbers) in new {
                let filter: [(String, BSONValue)] = [("tid", Self.among(numbers)), ("version", .int(version))]
                _ = try await connection.updateMany(
                    try BSONDocument(Self.inState(.new, of: lead.id) + filter),
                    [
                        "$set": [
                            "state": .int(TrialState.cancelled.rawValue),
                            "cause": .string(TrialCause.cancelled.rawValue),
                        ],
                        "$inc": ["version": 1],
                        "$currentDate": ["finished_at": true],
                    ],
                    in: jobs
                )
            }
            let meant = new.flatMap(\.numbers).sorted()
            return try await trials(of: lead.id, TrialQuery(states: [], orNumbers: meant))
        }
    }

    /// See `TrialStore`.
    public func orderRunningTrials(_ order: TrialOrder, of lead: Lead, only attempts: [Int: Int]?) async throws {
        try await translating {
            let taking = Self.inState(.running, of: lead.id) + [("order", Self.weaker(than: order))]
            let wanted: [(String, BSONValue)] = attempts.map { [("tid", Self.among($0.keys.sorted()))] } ?? []
            let running = try await pictures(taking + wanted, by: "attempt")
            try await checkFence(lead)
            for (attempt, numbers) in running {
                let meant = numbers.filter { number in attempts.map { $0[number] == attempt } ?? true }
                guard !meant.isEmpty else { continue }
                let filter: [(String, BSONValue)] = [("tid", Self.among(meant)), ("attempt", .int(attempt))]
                _ = try await connection.updateMany(
                    try BSONDocument(taking + filter),
                    ["$set": ["order": .string(order.rawValue)], "$inc": ["version": 1]],
                    in: jobs
                )
            }
        }
    }

    /// See `TrialStore`.
    public func askToLeave(_ worker: WorkerID) async throws -> Worker? {
        try await translating {
            // The first time stays, so that asking again is no change.
            try await connection.findAndModify(
                ["_id": .string(worker.rawValue)],
                [["$set": ["leave_asked_at": ["$ifNull": ["$leave_asked_at", "$$NOW"]]]]],
                in: collection(Schema.workers)
            ).map(Self.worker)
        }
    }

    /// What an order replaces.
    static func weaker(than order: TrialOrder) -> BSONValue {
        ["$in": .array([.null] + order.weaker.map { .string($0.rawValue) })]
    }

    private static func among(_ numbers: [Int]) -> BSONValue { ["$in": .array(numbers.map { .int($0) })] }

    /// The trials that match, by the value of a field that tells one picture of a trial from another.
    private func pictures(
        _ filter: [(String, BSONValue)],
        by field: String
    ) async throws -> [(value: Int, numbers: [Int])] {
        let found = try await connection.find(
            try BSONDocument(filter),
            options: FindOptions(projection: ["tid": 1, "\(field)": 1]),
            in: jobs
        )
        let pairs = try found.map { (value: try $0.require(field).int, number: try $0.require("tid").int) }
        let groups = Dictionary(grouping: pairs, by: \.value)
        return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value.map(\.number).sorted()) }
    }
}
