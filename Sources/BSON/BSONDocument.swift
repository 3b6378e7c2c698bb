import CMongoC

/// A BSON document that owns its bytes; they are made and read by libbson alone.
///
/// Reading is lazy: a nested document is a copy of its bytes, and a key is looked up by one pass over the elements.
/// Two documents are equal when their bytes are, so the order of keys counts.
public struct BSONDocument: Sendable {
    /// How many documents and arrays may be nested inside each other, the outermost included (MongoDB documents 100).
    public static let maximumNestingDepth = 100

    /// The document as it goes over the wire.
    public let bytes: [UInt8]
    /// Why a literal could not be built; nil for a sound document.
    ///
    /// Literals cannot throw. A failed one has the bytes of an empty document and is refused by everything that would send, store or nest it.
    public let failure: BSONError?
    /// Levels of nesting, or 0 when not measured yet.
    private let depth: UInt8

    private init(bytes: [UInt8], failure: BSONError?, depth: UInt8) {
        self.bytes = bytes
        self.failure = failure
        self.depth = depth
    }

    /// The document without any element.
    public static let empty = BSONDocument(bytes: BSONBuilder().bytes, failure: nil, depth: 1)

    /// An empty document.
    public init() {
        self = .empty
    }

    /// A document of these elements, in this order; a repeated key is kept twice.
    ///
    /// - Throws: `BSONError` for a NUL in a key, nesting beyond the limit, or a value that cannot be written.
    public init(_ pairs: [(String, BSONValue)]) throws(BSONError) {
        var builder = BSONBuilder()
        for (key, value) in pairs {
            try builder.append(value, for: key)
        }
        self.init(bytes: builder.bytes, failure: nil, depth: UInt8(clamping: builder.depth))
    }

    /// A document from outside; libbson checks structure, lengths and UTF-8.
    ///
    /// - Throws: `BSONError.malformed` or `BSONError.nestedTooDeep`.
    public init(bytes: [UInt8]) throws(BSONError) {
        var offset = 0
        // Depth first: the validation of libbson recurses, and hostile bytes would exhaust the stack.
        let depth = Self.measureDepth(of: bytes)
        guard depth <= Self.maximumNestingDepth else { throw .nestedTooDeep(limit: Self.maximumNestingDepth) }
        guard depth > 0 else { throw .malformed(offset: offset) }
        let isValid = bytes.withUnsafeBufferPointer { hyper_bson_is_valid($0.baseAddress, $0.count, &offset) }
        guard !bytes.isEmpty, isValid else { throw .malformed(offset: offset) }
        self.init(bytes: bytes, failure: nil, depth: UInt8(clamping: depth))
    }

    /// The document of an array, as libmongoc takes a pipeline.
    package init(array elements: [BSONValue]) throws(BSONError) {
        try self.init(elements: elements, level: 0)
    }

    /// The array document with keys "0", "1", …; `level` counts the documents around it.
    init(elements: [BSONValue], level: Int) throws(BSONError) {
        var builder = BSONBuilder()
        for (index, value) in elements.enumerated() {
            try builder.append(value, for: String(index), level: level)
        }
        self.init(bytes: builder.bytes, failure: nil, depth: UInt8(clamping: builder.depth))
    }

    /// Builds what a literal says and keeps the error, if any.
    package init(recordingFailureOf pairs: [(String, BSONValue)]) {
        do throws(BSONError) {
            try self.init(pairs)
        } catch {
            self.init(bytes: Self.empty.bytes, failure: error, depth: 1)
        }
    }

    /// Bytes that libbson or libmongoc made or checked already.
    package init(trusted bytes: [UInt8]) {
        self.init(bytes: bytes, failure: nil, depth: 0)
    }

    /// Levels of nesting: 1 for a flat document.
    var measuredDepth: Int {
        depth > 0 ? Int(depth) : max(1, Self.measureDepth(of: bytes))
    }

    /// Levels of nesting, one above the limit for anything deeper, 0 for bytes that are broken.
    private static func measureDepth(of bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return Int(hyper_bson_check(start, buffer.count, Int32(maximumNestingDepth)))
        }
    }

    /// The document itself, or the error of the literal it was written as.
    public func validated() throws(BSONError) -> BSONDocument {
        if let failure { throw failure }
        return self
    }
}

extension BSONDocument: Equatable {
    /// Whether both hold the same bytes and neither failed, or both failed alike.
    public static func == (left: BSONDocument, right: BSONDocument) -> Bool {
        left.bytes == right.bytes && left.failure == right.failure
    }
}

extension BSONDocument: ExpressibleByDictionaryLiteral {
    /// A document from a literal; a key that BSON cannot express is recorded in `failure`.
    public init(dictionaryLiteral elements: (String, BSONValue)...) {
        self.init(recordingFailureOf: elements)
    }
}

extension BSONDocument: CustomStringConvertible {
    /// The document as relaxed extended JSON, for people and logs.
    public var description: String {
        relaxedJSON
    }
}
