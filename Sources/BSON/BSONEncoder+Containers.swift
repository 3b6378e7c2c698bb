/// The keyed container of `BSONEncoder`: a document.
struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let state: EncoderState

    var codingPath: [any CodingKey] {
        state.codingPath
    }

    private func place(_ key: some CodingKey) -> EncoderState {
        state.nested(state.slot.child(key.stringValue), key)
    }

    mutating func encodeNil(forKey key: Key) { place(key).encodeNil() }
    mutating func encode(_ value: Bool, forKey key: Key) { place(key).encode(value) }
    mutating func encode(_ value: String, forKey key: Key) { place(key).encode(value) }
    mutating func encode(_ value: Double, forKey key: Key) { place(key).encode(value) }
    mutating func encode(_ value: Float, forKey key: Key) { place(key).encode(value) }
    mutating func encode(_ value: Int, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: Int8, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: Int16, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: Int32, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: Int64, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: UInt, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: UInt8, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: UInt16, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: UInt32, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: UInt64, forKey key: Key) throws { try place(key).encode(value) }
    mutating func encode(_ value: some Encodable, forKey key: Key) throws { try place(key).encodeAny(value) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        place(key).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        place(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { place(IndexKey.superKey) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { place(key) }
}

/// The unkeyed container of `BSONEncoder`: an array.
struct UnkeyedEncoding: UnkeyedEncodingContainer {
    let state: EncoderState

    var codingPath: [any CodingKey] {
        state.codingPath
    }

    var count: Int {
        state.slot.children.count
    }

    private func place() -> EncoderState {
        let key = IndexKey(intValue: count)
        return state.nested(state.slot.appendChild(), key)
    }

    mutating func encodeNil() { place().encodeNil() }
    mutating func encode(_ value: Bool) { place().encode(value) }
    mutating func encode(_ value: String) { place().encode(value) }
    mutating func encode(_ value: Double) { place().encode(value) }
    mutating func encode(_ value: Float) { place().encode(value) }
    mutating func encode(_ value: Int) throws { try place().encode(value) }
    mutating func encode(_ value: Int8) throws { try place().encode(value) }
    mutating func encode(_ value: Int16) throws { try place().encode(value) }
    mutating func encode(_ value: Int32) throws { try place().encode(value) }
    mutating func encode(_ value: Int64) throws { try place().encode(value) }
    mutating func encode(_ value: UInt) throws { try place().encode(value) }
    mutating func encode(_ value: UInt8) throws { try place().encode(value) }
    mutating func encode(_ value: UInt16) throws { try place().encode(value) }
    mutating func encode(_ value: UInt32) throws { try place().encode(value) }
    mutating func encode(_ value: UInt64) throws { try place().encode(value) }
    mutating func encode(_ value: some Encodable) throws { try place().encodeAny(value) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        place().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { place().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { place() }
}
