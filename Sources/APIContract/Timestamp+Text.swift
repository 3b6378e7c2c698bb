public import ExperimentModel
import FoundationEssentials
import SearchSpace

extension Timestamp {
    /// RFC 3339 in UTC with milliseconds, such as `2026-01-31T12:00:00.000Z`.
    public var text: String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

extension Timestamp? {
    var json: ParameterValue { self?.json ?? .null }
}

extension Timestamp {
    var json: ParameterValue { .string(text) }
}
