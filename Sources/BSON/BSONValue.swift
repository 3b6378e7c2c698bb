/// One value of a BSON document.
public enum BSONValue: Sendable, Equatable {
    /// A 64-bit floating-point number; not-a-number and the infinities are allowed.
    case double(Double)
    /// Text; NUL characters inside are kept.
    case string(String)
    /// A nested document.
    case document(BSONDocument)
    /// An array.
    case array([BSONValue])
    /// Bytes with their subtype (0 is generic).
    case binary([UInt8], subtype: UInt8 = 0)
    /// A 12-byte identifier.
    case objectID(BSONObjectID)
    /// A truth value.
    case bool(Bool)
    /// A moment in milliseconds since 1970.
    case date(BSONDate)
    /// The null value.
    case null
    /// A 32-bit integer.
    case int32(Int32)
    /// A 64-bit integer.
    case int64(Int64)
    /// MongoDB's internal timestamp: seconds since 1970 and an ordinal within the second.
    case timestamp(seconds: UInt32, increment: UInt32)
    /// A regular expression with its option letters.
    case regularExpression(pattern: String, options: String = "")
    /// A value that this module can read past but not represent, such as a decimal or text that is not UTF-8.
    case other(BSONKind)

    /// An integer in the smallest kind that holds it, as most drivers write it.
    public static func int(_ value: Int) -> BSONValue {
        Int32(exactly: value).map(BSONValue.int32) ?? .int64(Int64(value))
    }

    /// The kind of this value.
    public var kind: BSONKind {
        switch self {
        case .double: .double
        case .string: .string
        case .document: .document
        case .array: .array
        case .binary: .binary
        case .objectID: .objectID
        case .bool: .bool
        case .date: .date
        case .null: .null
        case .int32: .int32
        case .int64: .int64
        case .timestamp: .timestamp
        case .regularExpression: .regularExpression
        case .other(let kind): kind
        }
    }
}

// MARK: - Literals

extension BSONValue: ExpressibleByStringInterpolation {
    /// A `string`.
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension BSONValue: ExpressibleByIntegerLiteral {
    /// An `int32` when the number fits, else an `int64`.
    public init(integerLiteral value: Int) {
        self = .int(value)
    }
}

extension BSONValue: ExpressibleByFloatLiteral {
    /// A `double`.
    public init(floatLiteral value: Double) {
        self = .double(value)
    }
}

extension BSONValue: ExpressibleByBooleanLiteral {
    /// A `bool`.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension BSONValue: ExpressibleByNilLiteral {
    /// The `null` value.
    public init(nilLiteral: ()) {
        self = .null
    }
}

extension BSONValue: ExpressibleByArrayLiteral {
    /// An `array`.
    public init(arrayLiteral elements: BSONValue...) {
        self = .array(elements)
    }
}

extension BSONValue: ExpressibleByDictionaryLiteral {
    /// A `document`; see `BSONDocument.init(dictionaryLiteral:)` about keys that BSON cannot express.
    public init(dictionaryLiteral elements: (String, BSONValue)...) {
        self = .document(BSONDocument(recordingFailureOf: elements))
    }
}
