import CMongoC
public import OrderedCollections

extension BSONDocument {
    /// The value of the first element with this key.
    ///
    /// Setting replaces in place or appends; setting nil removes. A key that BSON cannot express makes the document fail
    /// (see `failure`).
    /// - Complexity: O(n) in the bytes of the document, reading and writing.
    public subscript(key: String) -> BSONValue? {
        get {
            var text = key
            return text.withUTF8 { keyBuffer in
                keyBuffer.withMemoryRebound(to: CChar.self) { characters in
                    bytes.withUnsafeBufferPointer { buffer in
                        var field = hyper_bson_field()
                        guard let start = characters.baseAddress,
                            hyper_bson_find(buffer.baseAddress, buffer.count, start, characters.count, &field)
                        else { return nil }
                        return BSONValue(field)
                    }
                }
            }
        }
        set {
            guard failure == nil else { return }
            var pairs = elements.map { ($0.key, $0.value) }
            if let index = pairs.firstIndex(where: { $0.0 == key }) {
                if let newValue { pairs[index].1 = newValue } else { pairs.remove(at: index) }
            } else if let newValue {
                pairs.append((key, newValue))
            }
            self = BSONDocument(recordingFailureOf: pairs)
        }
    }

    /// The value at a dotted path such as `result.loss` or `owner.0`, nil when any part is absent.
    public func value(at path: String) -> BSONValue? {
        guard !path.utf8.contains(0) else { return nil }
        return bytes.withUnsafeBufferPointer { buffer in
            var field = hyper_bson_field()
            guard hyper_bson_find_path(buffer.baseAddress, buffer.count, path, &field) else { return nil }
            return BSONValue(field)
        }
    }

    /// The value of a key that must be there.
    ///
    /// - Throws: `BSONError.missing`; the getters of the result throw `BSONError.wrongKind`.
    public func require(_ key: String) throws(BSONError) -> BSONField {
        guard let value = self[key] else { throw .missing(key: key) }
        return BSONField(key: key, value: value)
    }

    /// The value at a dotted path that must be there.
    ///
    /// - Throws: `BSONError.missing`; the getters of the result throw `BSONError.wrongKind`.
    public func require(at path: String) throws(BSONError) -> BSONField {
        guard let value = value(at: path) else { throw .missing(key: path) }
        return BSONField(key: path, value: value)
    }

    /// The value of a key that may be absent or null; nil for both.
    public func optional(_ key: String) -> BSONField? {
        guard let value = self[key], !value.isNull else { return nil }
        return BSONField(key: key, value: value)
    }

    /// All elements in order.
    public var elements: [(key: String, value: BSONValue)] {
        var result: [(key: String, value: BSONValue)] = []
        withFields { field in
            result.append((BSONValue.text(field.key, length: field.key_length) ?? "", BSONValue(field)))
        }
        return result
    }

    /// All elements in order, by key; of a repeated key the first one counts, as in lookups.
    public var dictionary: OrderedDictionary<String, BSONValue> {
        OrderedDictionary(elements.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// All keys in order.
    public var keys: [String] {
        var result: [String] = []
        withFields { field in
            result.append(BSONValue.text(field.key, length: field.key_length) ?? "")
        }
        return result
    }

    /// The number of elements of the top level.
    public var count: Int {
        var result = 0
        withFields { _ in result += 1 }
        return result
    }

    /// Whether there is no element.
    public var isEmpty: Bool {
        bytes.count == Self.empty.bytes.count
    }

    private func withFields(_ body: (hyper_bson_field) -> Void) {
        bytes.withUnsafeBufferPointer { BSONFieldReader.forEach(in: $0, body) }
    }
}
