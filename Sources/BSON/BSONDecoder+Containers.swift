/// The keyed container of `BSONDecoder`: looks keys up in the document's bytes.
struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let state: DecoderState
    let document: BSONDocument

    var codingPath: [any CodingKey] {
        state.codingPath
    }

    var allKeys: [Key] {
        document.keys.compactMap(Key.init(stringValue:))
    }

    func contains(_ key: Key) -> Bool {
        document[key.stringValue] != nil
    }

    private func place(_ key: some CodingKey) throws -> DecoderState {
        guard let value = document[key.stringValue] else {
            throw DecodingError.keyNotFound(
                key,
                .init(codingPath: codingPath, debugDescription: "There is no key \(key.stringValue.debugDescription).")
            )
        }
        return state.nested(value, key)
    }

    func decodeNil(forKey key: Key) throws -> Bool { try place(key).decodeNil() }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try place(key).decodeAny(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try place(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try place(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try place(IndexKey.superKey) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try place(key) }
}

/// The unkeyed container of `BSONDecoder`: reads an array from front to back.
struct UnkeyedDecoding: UnkeyedDecodingContainer {
    let state: DecoderState
    let elements: [BSONValue]
    private(set) var currentIndex = 0

    init(state: DecoderState, elements: [BSONValue]) {
        self.state = state
        self.elements = elements
    }

    var codingPath: [any CodingKey] {
        state.codingPath
    }

    var count: Int? {
        elements.count
    }

    var isAtEnd: Bool {
        currentIndex >= elements.count
    }

    /// Moves on only when `body` succeeds, as the protocol asks.
    private mutating func take<Result>(_ type: Any.Type, _ body: (DecoderState) throws -> Result) throws -> Result {
        let key = IndexKey(intValue: currentIndex)
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                type,
                .init(
                    codingPath: codingPath + [key],
                    debugDescription: "The array has only \(elements.count) elements."
                )
            )
        }
        let result = try body(state.nested(elements[currentIndex], key))
        currentIndex += 1
        return result
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { return try take(Never.self) { _ in false } }
        guard elements[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try take(type) { try $0.decodeAny(type) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try take(type) { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take([BSONValue].self) { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        try take((any Decoder).self) { $0 }
    }
}
