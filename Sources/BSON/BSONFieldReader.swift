import CMongoC

/// Walks the elements of a document with one heap-allocated libbson iterator.
struct BSONFieldReader: ~Copyable {
    private let raw: OpaquePointer

    /// Nil when the bytes do not even start like a document.
    ///
    /// `bytes` must outlive the reader.
    private init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress, let raw = hyper_bson_iterator_new(start, bytes.count) else { return nil }
        self.raw = raw
    }

    deinit {
        hyper_bson_iterator_free(raw)
    }

    /// Calls `body` for each element; a field's pointers are valid during the call only.
    static func forEach(in bytes: UnsafeBufferPointer<UInt8>, _ body: (hyper_bson_field) -> Void) {
        guard let reader = BSONFieldReader(bytes) else { return }
        var field = hyper_bson_field()
        while bson_iter_next(reader.raw) {
            hyper_bson_read(reader.raw, &field)
            body(field)
        }
    }
}

extension BSONValue {
    /// Copies a value out of a document; arrays are read at once, nested documents keep their bytes.
    ///
    /// Arrays nested beyond the limit and text that is not UTF-8 become `other`: reading never fails.
    init(_ field: hyper_bson_field, level: Int = 0) {
        let kind = BSONKind(rawValue: UInt8(truncatingIfNeeded: field.kind))
        let content = UnsafeBufferPointer(start: field.bytes, count: Int(field.length))
        switch kind {
        case .double: self = .double(field.number)
        case .string:
            self = Self.text(field.bytes, length: field.length).map(BSONValue.string) ?? .other(kind)
        case .document: self = .document(BSONDocument(trusted: Array(content)))
        case .array:
            guard level < BSONDocument.maximumNestingDepth else {
                self = .other(kind)
                return
            }
            var values: [BSONValue] = []
            BSONFieldReader.forEach(in: content) { values.append(BSONValue($0, level: level + 1)) }
            self = .array(values)
        case .binary: self = .binary(Array(content), subtype: UInt8(truncatingIfNeeded: field.low))
        case .objectID:
            self = .objectID(BSONObjectID(high: UInt64(bitPattern: field.integer), low: field.low))
        case .bool: self = .bool(field.integer != 0)
        case .date: self = .date(BSONDate(millisecondsSince1970: field.integer))
        case .null: self = .null
        case .int32: self = .int32(Int32(truncatingIfNeeded: field.integer))
        case .int64: self = .int64(field.integer)
        case .timestamp:
            self = .timestamp(seconds: UInt32(truncatingIfNeeded: field.integer), increment: field.low)
        case .regularExpression:
            guard let pattern = Self.text(field.bytes, length: field.length), let options = field.options,
                let optionText = String(validatingCString: options)
            else {
                self = .other(kind)
                return
            }
            self = .regularExpression(pattern: pattern, options: optionText)
        default: self = .other(kind)
        }
    }

    /// Text of a known length, NUL characters included; nil when it is not UTF-8.
    static func text(_ start: UnsafePointer<UInt8>?, length: UInt32) -> String? {
        guard let start else { return nil }
        return String(validating: UnsafeBufferPointer(start: start, count: Int(length)), as: UTF8.self)
    }

    /// The same for libbson's character pointers.
    static func text(_ start: UnsafePointer<CChar>?, length: UInt32) -> String? {
        guard let start else { return nil }
        return String(
            validating: UnsafeRawBufferPointer(start: start, count: Int(length)),
            as: UTF8.self
        )
    }
}
