import BSON
import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

extension Timestamp {
    var bson: BSONValue { .date(BSONDate(millisecondsSince1970: milliseconds)) }
}

extension BSONValue {
    static func optional(_ timestamp: Timestamp?) -> BSONValue { timestamp?.bson ?? .null }
    static func optional(_ text: String?) -> BSONValue { text.map(BSONValue.string) ?? .null }

    /// A value that a pipeline takes as it is, whatever characters it begins with.
    static func literal(_ value: BSONValue) -> BSONValue { .document(["$literal": value]) }

    var timestamp: Timestamp? { asDate.map { Timestamp(milliseconds: $0.millisecondsSince1970) } }

    /// An assignment's value as it is stored.
    init(_ value: ParameterValue) {
        switch value {
        case .null: self = .null
        case .bool(let bool): self = .bool(bool)
        case .integer(let integer): self = Int32(exactly: integer).map(BSONValue.int32) ?? .int64(integer)
        case .double(let double): self = .double(double)
        case .string(let text): self = .string(text)
        case .list(let values): self = .array(values.map(BSONValue.init))
        case .mapping(let mapping): self = .document(BSONDocument(mapping))
        }
    }

    /// The way back; `nil` for kinds that no assignment holds.
    var parameterValue: ParameterValue? {
        switch self {
        case .null: return .null
        case .bool(let bool): return .bool(bool)
        case .int32(let integer): return .integer(Int64(integer))
        case .int64(let integer): return .integer(integer)
        case .double(let double): return .double(double)
        case .string(let text): return .string(text)
        case .array(let values):
            let parts = values.compactMap(\.parameterValue)
            return parts.count == values.count ? .list(parts) : nil
        case .document(let document): return document.assignment.map(ParameterValue.mapping)
        default: return nil
        }
    }

    init(_ value: LabelValue) {
        switch value {
        case .integer(let integer): self = Int32(exactly: integer).map(BSONValue.int32) ?? .int64(integer)
        case .double(let double): self = .double(double)
        }
    }

    var labelValue: LabelValue? {
        switch self {
        case .int32(let integer): .integer(Int64(integer))
        case .int64(let integer): .integer(integer)
        case .double(let double): .double(double)
        default: nil
        }
    }
}

extension BSONDocument {
    init(_ assignment: Assignment) {
        self.init(recordingFailureOf: assignment.map { ($0.key, BSONValue($0.value)) })
    }

    /// The assignment that is stored here, or `nil` when something in it is no parameter value.
    var assignment: Assignment? {
        var result = Assignment()
        for (key, value) in elements {
            guard let value = value.parameterValue else { return nil }
            result[key] = value
        }
        return result
    }
}
