package import CMongoC

extension BSONDocument {
    /// A document from extended JSON (canonical, relaxed or plain); the outermost value must be an object.
    ///
    /// - Throws: `BSONError.malformedJSON` or `BSONError.nestedTooDeep`.
    public init(json: String) throws(BSONError) {
        var error = bson_error_t()
        var text = json
        // libbson reads past an empty buffer and accepts a list, which is no document.
        guard let first = text.utf8.first(where: { !Self.jsonSpaces.contains($0) }) else {
            throw .malformedJSON("it is empty")
        }
        guard first == UInt8(ascii: "{") else { throw .malformedJSON("it does not start with \"{\"") }
        let parsed = text.withUTF8 { buffer -> [UInt8]? in
            guard let raw = bson_new_from_json(buffer.baseAddress, buffer.count, &error) else { return nil }
            defer { bson_destroy(raw) }
            return Array(UnsafeBufferPointer(start: bson_get_data(raw), count: Int(hyper_bson_length(raw))))
        }
        guard let parsed else { throw .malformedJSON(error.text) }
        try self.init(bytes: parsed)
    }

    /// Extended JSON that keeps every kind apart, such as `{"n": {"$numberInt": "1"}}`.
    public var canonicalJSON: String {
        json(isCanonical: true)
    }

    /// Extended JSON that is easy to read; integer widths are lost.
    public var relaxedJSON: String {
        json(isCanonical: false)
    }

    private static let jsonSpaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]

    private func json(isCanonical: Bool) -> String {
        bytes.withUnsafeBufferPointer { buffer in
            guard let text = hyper_bson_json(buffer.baseAddress, buffer.count, isCanonical) else {
                return "<unreadable document of \(buffer.count) bytes>"
            }
            defer { bson_free(text) }
            return String(cString: text)
        }
    }
}

extension bson_error_t {
    /// The message; a C array arrives in Swift as a tuple.
    package var text: String {
        withUnsafeBytes(of: message) { buffer in
            String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
