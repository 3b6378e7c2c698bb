/// Typed views: nil when the value is of another kind.
extension BSONValue {
    /// An integer of either width, or a double that is a whole number within range.
    public var asInt64: Int64? {
        switch self {
        case .int32(let value): Int64(value)
        case .int64(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// Like `asInt64`, as `Int`.
    public var asInt: Int? {
        asInt64.flatMap { Int(exactly: $0) }
    }

    /// A double, or an integer of either width (rounded beyond 2^53).
    public var asDouble: Double? {
        switch self {
        case .double(let value): value
        case .int32(let value): Double(value)
        case .int64(let value): Double(value)
        default: nil
        }
    }

    /// The text of a string.
    public var asString: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The truth value of a bool; numbers do not count.
    public var asBool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The moment of a date.
    public var asDate: BSONDate? {
        if case .date(let value) = self { value } else { nil }
    }

    /// A nested document.
    public var asDocument: BSONDocument? {
        if case .document(let value) = self { value } else { nil }
    }

    /// The elements of an array.
    public var asArray: [BSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// An object id.
    public var asObjectID: BSONObjectID? {
        if case .objectID(let value) = self { value } else { nil }
    }

    /// The bytes of a binary value, whatever its subtype.
    public var asBinary: [UInt8]? {
        if case .binary(let bytes, _) = self { bytes } else { nil }
    }

    /// Whether this is the null value.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }
}
