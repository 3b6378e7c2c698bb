public import OrderedCollections

/// The drawn value of one label as hyperopt stores it in `misc.vals`: a choice is the index of its option.
public enum LabelValue: Sendable, Hashable {
    case integer(Int64)
    case double(Double)
}

/// What a sampler proposes: the active labels with their drawn values, in the order of the search space.
///
/// It is flat and free of structure; ``SearchSpace/assignment(for:)`` turns it into what a trial sees.
public struct Suggestion: Sendable, Hashable {
    /// Active label to value. Inactive labels are absent.
    public var values: OrderedDictionary<String, LabelValue>

    /// A suggestion of the given active labels.
    public init(values: OrderedDictionary<String, LabelValue> = [:]) {
        self.values = values
    }
}

/// A number as it is: whole or not. Coders may not keep 2 and 2.0 apart; ``SearchSpace/canonical(_:)`` does.
extension LabelValue: Codable {
    /// Reads a number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let whole = try? container.decode(Int64.self) {
            self = .integer(whole)
        } else {
            self = .double(try container.decode(Double.self))
        }
    }

    /// Writes a number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let number): try container.encode(number)
        case .double(let number): try container.encode(number)
        }
    }
}

/// A mapping from label to number.
extension Suggestion: Codable {
    /// Reads a mapping from label to number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyCodingKey.self)
        values = [:]
        for key in container.allKeys { values[key.stringValue] = try container.decode(LabelValue.self, forKey: key) }
    }

    /// Writes a mapping from label to number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: AnyCodingKey.self)
        for (label, value) in values { try container.encode(value, forKey: AnyCodingKey(label)) }
    }
}

extension SearchSpace {
    /// The suggestion with its labels in the space's order and each value in the kind of number that its domain has.
    ///
    /// A value that its domain does not hold stays as it is, and so do labels that the space does not have, at the end.
    public func canonical(_ suggestion: Suggestion) -> Suggestion {
        var result = Suggestion()
        for (label, parameter) in parameters {
            guard let value = suggestion.values[label] else { continue }
            result.values[label] = parameter.domain.normalised(value) ?? value
        }
        for (label, value) in suggestion.values where result.values[label] == nil { result.values[label] = value }
        return result
    }
}
