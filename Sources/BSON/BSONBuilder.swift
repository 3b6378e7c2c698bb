import CMongoC

/// A document under construction: owns one `bson_t`, freed on every path.
struct BSONBuilder: ~Copyable {
    private let raw: OpaquePointer
    /// Levels of nesting so far, this document included.
    private(set) var depth = 1

    init() {
        raw = bson_new()
    }

    deinit {
        bson_destroy(raw)
    }

    /// The bytes built so far.
    var bytes: [UInt8] {
        Array(UnsafeBufferPointer(start: bson_get_data(raw), count: Int(hyper_bson_length(raw))))
    }

    /// Appends one element; `level` counts the documents around this one.
    mutating func append(_ value: BSONValue, for key: String, level: Int = 0) throws(BSONError) {
        // Nested values are finished first: the closures below cannot throw.
        var nested: BSONDocument?
        switch value {
        case .document(let document):
            if let failure = document.failure { throw failure }
            nested = document
        case .array(let elements):
            guard level < BSONDocument.maximumNestingDepth else {
                throw .nestedTooDeep(limit: BSONDocument.maximumNestingDepth)
            }
            nested = try BSONDocument(elements: elements, level: level + 1)
        case .other(let kind):
            throw .unsupportedKind(kind, key: key)
        case .regularExpression(let pattern, let options):
            if let text = [pattern, options].first(where: { $0.utf8.contains(0) }) { throw .containsNUL(text) }
        default:
            break
        }
        if let nested {
            let childDepth = nested.measuredDepth
            guard level + 1 + childDepth <= BSONDocument.maximumNestingDepth else {
                throw .nestedTooDeep(limit: BSONDocument.maximumNestingDepth)
            }
            depth = max(depth, childDepth + 1)
        }

        var contiguousKey = key
        var hasNUL = false
        let isAppended = contiguousKey.withUTF8 { buffer in
            hasNUL = buffer.contains(0)
            guard !hasNUL, let length = Int32(exactly: buffer.count) else { return false }
            return buffer.withMemoryRebound(to: CChar.self) { text in
                // An empty buffer may have no address, and libbson wants one.
                guard let start = text.baseAddress else {
                    return "".withCString { append(value, nested: nested, key: $0, length: 0) }
                }
                return append(value, nested: nested, key: start, length: length)
            }
        }
        if hasNUL { throw .containsNUL(key) }
        if !isAppended { throw .tooLarge(key: key) }
    }

    private func append(
        _ value: BSONValue,
        nested: BSONDocument?,
        key: UnsafePointer<CChar>,
        length: Int32
    ) -> Bool {
        switch value {
        case .double(let number):
            return bson_append_double(raw, key, length, number)
        case .string(var text):
            return text.withUTF8 { buffer in
                guard let size = Int32(exactly: buffer.count) else { return false }
                return buffer.withMemoryRebound(to: CChar.self) { characters in
                    guard let start = characters.baseAddress else {
                        return "".withCString { bson_append_utf8(raw, key, length, $0, 0) }
                    }
                    return bson_append_utf8(raw, key, length, start, size)
                }
            }
        case .document, .array:
            guard let nested else { return false }
            let isArray = value.kind == .array
            return nested.bytes.withUnsafeBufferPointer {
                hyper_bson_append_nested(raw, key, length, $0.baseAddress, $0.count, isArray)
            }
        case .binary(let bytes, let subtype):
            guard let size = UInt32(exactly: bytes.count), size <= Int32.max else { return false }
            let content = bytes.isEmpty ? [0] : bytes
            return bson_append_binary(raw, key, length, bson_subtype_t(rawValue: UInt32(subtype)), content, size)
        case .objectID(let identifier):
            return hyper_bson_append_oid(raw, key, length, identifier.high, identifier.low)
        case .bool(let flag):
            return bson_append_bool(raw, key, length, flag)
        case .date(let date):
            return bson_append_date_time(raw, key, length, date.millisecondsSince1970)
        case .null:
            return bson_append_null(raw, key, length)
        case .int32(let number):
            return bson_append_int32(raw, key, length, number)
        case .int64(let number):
            return bson_append_int64(raw, key, length, number)
        case .timestamp(let seconds, let increment):
            return bson_append_timestamp(raw, key, length, seconds, increment)
        case .regularExpression(let pattern, let options):
            return bson_append_regex(raw, key, length, pattern, options)
        case .other:
            return false
        }
    }
}
