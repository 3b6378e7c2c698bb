import BSON
import Coordination
import ExperimentModel

/// A change of a trial as a change stream describes it (`updateDescription.updatedFields`).
enum TrialChangeDocument {
    private static let attemptsPrefix = "attempts."

    /// Reads the changed fields; `nil` when the version is none of them.
    static func read(_ fields: BSONDocument, of id: TrialID) -> TrialChange? {
        guard let version = fields["version"]?.asInt else { return nil }
        return TrialChange(id: id, version: version, step: step(fields) ?? .other)
    }

    private static func step(_ fields: BSONDocument) -> TrialChange.Step? {
        guard let state = fields["state"]?.asInt.flatMap(TrialState.init) else { return nil }
        switch state {
        case .running: return claim(fields)
        case .done, .failed, .cancelled: return end(state, fields)
        case .new: return nil
        }
    }

    private static func claim(_ fields: BSONDocument) -> TrialChange.Step? {
        guard let number = fields["attempt"]?.asInt,
            let record = fields["\(attemptsPrefix)\(number - 1)"]?.asDocument
                ?? fields["attempts"]?.asArray?.last?.asDocument,
            let attempt = try? AttemptDocument.read(record), attempt.number == number
        else { return nil }
        return .claimed(attempt, leaseUntil: fields["lease_until"]?.timestamp)
    }

    private static func end(_ state: TrialState, _ fields: BSONDocument) -> TrialChange.Step? {
        guard let cause = fields["cause"]?.asString.flatMap(TrialCause.init),
            let finishedAt = fields["finished_at"]?.timestamp
        else { return nil }
        // The fields of the attempt that ended stand here by their paths: `attempts.0.cause` and so on.
        var index: Substring?
        var record: [String: BSONValue] = [:]
        for (path, value) in fields.elements where path.hasPrefix(attemptsPrefix) {
            let parts = path.split(separator: ".", maxSplits: 2)
            guard parts.count == 3, index ?? parts[1] == parts[1] else { return nil }
            index = parts[1]
            record[String(parts[2])] = value
        }
        let value = fields["result"]?.asDocument?["value"]?.asDouble
        guard let index = index.flatMap({ Int($0) }), let endedAt = record["ended_at"]?.timestamp,
            let outcome = AttemptDocument.outcome(of: { record[$0] }), state != .done || value != nil
        else { return nil }
        return .ended(
            TrialChange.End(
                state: state,
                cause: cause,
                value: value,
                attempt: index + 1,
                outcome: outcome,
                attemptEndedAt: endedAt,
                finishedAt: finishedAt
            )
        )
    }
}
