import FoundationEssentials

/// Reads `Decodable` values out of documents.
///
/// An integer is read from either width or from a double that is a whole number; a `Double` from any number.
public struct BSONDecoder: Sendable {
    /// Values for the `userInfo` of the decoder.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// A decoder without user info.
    public init() {}

    /// The value that a document describes.
    ///
    /// - Throws: `DecodingError` with the coding path.
    public func decode<Value: Decodable>(_ type: Value.Type, from document: BSONDocument) throws -> Value {
        try decodeValue(type, from: .document(document))
    }

    /// The value that any single BSON value describes.
    public func decodeValue<Value: Decodable>(_ type: Value.Type, from value: BSONValue) throws -> Value {
        try DecoderState(value: value, codingPath: [], userInfo: userInfo).decodeAny(type)
    }
}

/// The `Decoder` that user code sees, also as single-value container.
struct DecoderState: Decoder, SingleValueDecodingContainer {
    let value: BSONValue
    let codingPath: [any CodingKey]
    let sendableUserInfo: [CodingUserInfoKey: any Sendable]

    init(value: BSONValue, codingPath: [any CodingKey], userInfo: [CodingUserInfoKey: any Sendable]) {
        self.value = value
        self.codingPath = codingPath
        sendableUserInfo = userInfo
    }

    var userInfo: [CodingUserInfoKey: Any] {
        sendableUserInfo
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let document = value.asDocument else { throw mismatch([String: BSONValue].self, "a document") }
        return KeyedDecodingContainer(KeyedDecoding<Key>(state: self, document: document))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = value.asArray else { throw mismatch([BSONValue].self, "an array") }
        return UnkeyedDecoding(state: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        self
    }

    func nested(_ value: BSONValue, _ key: some CodingKey) -> DecoderState {
        DecoderState(value: value, codingPath: codingPath + [key], userInfo: sendableUserInfo)
    }

    /// Decodes, with the types that BSON knows by itself taken as they are.
    func decodeAny<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let known: Any? =
            switch type {
            case is BSONValue.Type: value
            case is BSONDocument.Type: try expect(value.asDocument, type, "a document")
            case is BSONObjectID.Type: try expect(value.asObjectID, type, "an object id")
            case is BSONDate.Type: try expect(value.asDate, type, "a date")
            case is Date.Type: try expect(value.asDate, type, "a date").date
            case is Data.Type: Data(try expect(value.asBinary, type, "bytes"))
            default: nil
            }
        // Unwrapped first: an absent value would convert to any optional type as nil.
        if let known, let value = known as? Value { return value }
        return try Value(from: self)
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decodeAny(type) }
    func decodeNil() -> Bool { value.isNull }
    func decode(_ type: Bool.Type) throws -> Bool { try expect(value.asBool, type, "a bool") }
    func decode(_ type: String.Type) throws -> String { try expect(value.asString, type, "a string") }
    func decode(_ type: Double.Type) throws -> Double { try expect(value.asDouble, type, "a number") }
    func decode(_ type: Float.Type) throws -> Float { Float(try expect(value.asDouble, type, "a number")) }
    func decode(_ type: Int.Type) throws -> Int { try decodeInteger(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try decodeInteger(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try decodeInteger(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try decodeInteger(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try decodeInteger(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try decodeInteger(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decodeInteger(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decodeInteger(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decodeInteger(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decodeInteger(type) }

    private func decodeInteger<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
        let wide = try expect(value.asInt64, type, "a whole number")
        guard let integer = Integer(exactly: wide) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "\(wide) does not fit into \(type).")
            )
        }
        return integer
    }

    private func expect<Converted>(_ converted: Converted?, _ type: Any.Type, _ expected: String) throws -> Converted {
        guard let converted else { throw mismatch(type, expected) }
        return converted
    }

    private func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: codingPath,
            debugDescription: "Expected \(expected), found \(value.kind)."
        )
        return value.isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }
}
