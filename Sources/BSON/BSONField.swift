/// A value together with its key, so that a failed conversion can name both.
///
/// The getters throw `BSONError.wrongKind`; numbers convert as in `BSONValue.asInt64` and `BSONValue.asDouble`.
public struct BSONField: Sendable, Equatable {
    /// The key or dotted path that was read.
    public let key: String
    /// The value that was found.
    public let value: BSONValue

    /// Pairs a value with the key that errors shall name.
    public init(key: String, value: BSONValue) {
        self.key = key
        self.value = value
    }

    /// A whole number.
    public var int64: Int64 {
        get throws(BSONError) { try expect(value.asInt64, "a whole number") }
    }

    /// A whole number as `Int`.
    public var int: Int {
        get throws(BSONError) { try expect(value.asInt, "a whole number") }
    }

    /// A number.
    public var double: Double {
        get throws(BSONError) { try expect(value.asDouble, "a number") }
    }

    /// Text.
    public var string: String {
        get throws(BSONError) { try expect(value.asString, "a string") }
    }

    /// A truth value.
    public var bool: Bool {
        get throws(BSONError) { try expect(value.asBool, "a bool") }
    }

    /// A moment.
    public var date: BSONDate {
        get throws(BSONError) { try expect(value.asDate, "a date") }
    }

    /// A nested document.
    public var document: BSONDocument {
        get throws(BSONError) { try expect(value.asDocument, "a document") }
    }

    /// The elements of an array.
    public var array: [BSONValue] {
        get throws(BSONError) { try expect(value.asArray, "an array") }
    }

    /// An object id.
    public var objectID: BSONObjectID {
        get throws(BSONError) { try expect(value.asObjectID, "an object id") }
    }

    /// Bytes.
    public var binary: [UInt8] {
        get throws(BSONError) { try expect(value.asBinary, "bytes") }
    }

    private func expect<Value>(_ converted: Value?, _ expected: String) throws(BSONError) -> Value {
        guard let converted else { throw .wrongKind(key: key, expected: expected, found: value.kind) }
        return converted
    }
}
