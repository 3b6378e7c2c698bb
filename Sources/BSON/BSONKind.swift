/// The kind of a BSON value, named as MongoDB's `$type` names it.
public struct BSONKind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The type byte of the BSON specification.
    public let rawValue: UInt8

    /// Wraps a type byte; any byte is accepted.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// A 64-bit floating-point number.
    public static let double = BSONKind(rawValue: 0x01)
    /// UTF-8 text.
    public static let string = BSONKind(rawValue: 0x02)
    /// A nested document.
    public static let document = BSONKind(rawValue: 0x03)
    /// An array.
    public static let array = BSONKind(rawValue: 0x04)
    /// Bytes.
    public static let binary = BSONKind(rawValue: 0x05)
    /// A 12-byte identifier.
    public static let objectID = BSONKind(rawValue: 0x07)
    /// A truth value.
    public static let bool = BSONKind(rawValue: 0x08)
    /// Milliseconds since 1970.
    public static let date = BSONKind(rawValue: 0x09)
    /// The null value.
    public static let null = BSONKind(rawValue: 0x0A)
    /// A regular expression.
    public static let regularExpression = BSONKind(rawValue: 0x0B)
    /// A 32-bit integer.
    public static let int32 = BSONKind(rawValue: 0x10)
    /// MongoDB's internal timestamp.
    public static let timestamp = BSONKind(rawValue: 0x11)
    /// A 64-bit integer.
    public static let int64 = BSONKind(rawValue: 0x12)

    /// The name of the kind as `$type` spells it, or its number.
    public var description: String {
        switch rawValue {
        case 0x01: "double"
        case 0x02: "string"
        case 0x03: "object"
        case 0x04: "array"
        case 0x05: "binData"
        case 0x06: "undefined"
        case 0x07: "objectId"
        case 0x08: "bool"
        case 0x09: "date"
        case 0x0A: "null"
        case 0x0B: "regex"
        case 0x0C: "dbPointer"
        case 0x0D: "javascript"
        case 0x0E: "symbol"
        case 0x0F: "javascriptWithScope"
        case 0x10: "int"
        case 0x11: "timestamp"
        case 0x12: "long"
        case 0x13: "decimal"
        case 0x7F: "maxKey"
        case 0xFF: "minKey"
        default: "type \(rawValue)"
        }
    }
}
