import CMongoC

/// The way between documents and the `bson_t *` that libmongoc takes and gives.
extension BSONDocument {
    /// Copies a `bson_t` that libbson or libmongoc made.
    package init(copying raw: OpaquePointer) {
        self.init(
            trusted: Array(UnsafeBufferPointer(start: bson_get_data(raw), count: Int(hyper_bson_length(raw))))
        )
    }

    /// Lends the document to C as a `const bson_t *`, without a copy; the pointer dies with the closure.
    ///
    /// - Throws: the error of a failed literal, `BSONError.malformed`, or what the closure throws.
    package func withNative<Result>(
        _ body: (OpaquePointer) throws(BSONError) -> Result
    ) throws(BSONError) -> Result {
        if let failure { throw failure }
        return try bytes.withUnsafeBufferPointer { buffer throws(BSONError) in
            guard let raw = hyper_bson_view_new(buffer.baseAddress, buffer.count) else { throw .malformed(offset: 0) }
            defer { hyper_bson_view_free(raw) }
            return try body(raw)
        }
    }
}
