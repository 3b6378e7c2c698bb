public import OrderedCollections

/// Any text as a key of a keyed container.
struct AnyCodingKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { stringValue = String(intValue) }
}

/// A value is stored as what it is: null, number, text, list or document.
///
/// Whether 2 and 2.0 stay apart and keys in order is up to the coder; compare with ``isSame(as:)`` what has been stored.
extension ParameterValue: Codable {
    /// Levels of a coder's containers beyond which a value is refused.
    static let maximumCodingDepth = 160

    /// Reads whatever stands there.
    public init(from decoder: any Decoder) throws {
        guard decoder.codingPath.count <= Self.maximumCodingDepth else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: [],
                    debugDescription: "a value is nested more than \(Self.maximumCodingDepth) levels deep"
                )
            )
        }
        if let container = try? decoder.container(keyedBy: AnyCodingKey.self) {
            var entries: Assignment = [:]
            for key in container.allKeys {
                entries[key.stringValue] = try container.decode(ParameterValue.self, forKey: key)
            }
            self = .mapping(entries)
            return
        }
        if var container = try? decoder.unkeyedContainer() {
            var items: [ParameterValue] = []
            while !container.isAtEnd { items.append(try container.decode(ParameterValue.self)) }
            self = .list(items)
            return
        }
        let container = try decoder.singleValueContainer()
        // Each kind is tried in turn: a decoder does not tell what it holds.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let number = try? container.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .double(number)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    /// Writes the value as what it is.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .mapping(let entries):
            var container = encoder.container(keyedBy: AnyCodingKey.self)
            for (key, value) in entries { try container.encode(value, forKey: AnyCodingKey(key)) }
        case .list(let items):
            var container = encoder.unkeyedContainer()
            for item in items { try container.encode(item) }
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .integer(let number):
            var container = encoder.singleValueContainer()
            try container.encode(number)
        case .double(let number):
            var container = encoder.singleValueContainer()
            try container.encode(number)
        case .string(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }
}

extension OrderedDictionary where Key == String, Value == ParameterValue {
    /// An assignment from a stored mapping; `OrderedDictionary`'s own coding would be a list of keys and values.
    public init(decodingMappingFrom decoder: any Decoder) throws {
        guard case .mapping(let entries) = try ParameterValue(from: decoder) else {
            throw DecodingError.typeMismatch(
                Assignment.self,
                .init(codingPath: decoder.codingPath, debugDescription: "an assignment must be a mapping")
            )
        }
        self = entries
    }

    /// Writes the assignment as a mapping.
    public func encodeMapping(to encoder: any Encoder) throws {
        try ParameterValue.mapping(self).encode(to: encoder)
    }
}
