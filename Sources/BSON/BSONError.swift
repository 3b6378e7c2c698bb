/// What can be wrong with a BSON document or with the way it is read.
public indirect enum BSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are no well-formed document; the offset is where libbson stopped.
    case malformed(offset: Int)
    /// The text is no JSON object that libbson can read.
    case malformedJSON(String)
    /// A key, a regular expression or a path holds a NUL byte, which BSON cannot express there.
    case containsNUL(String)
    /// Documents are nested deeper than `BSONDocument.maximumNestingDepth`.
    case nestedTooDeep(limit: Int)
    /// The document would exceed the size that a BSON length field can express.
    case tooLarge(key: String)
    /// A value of this kind can be read past, but not written.
    case unsupportedKind(BSONKind, key: String)
    /// A required key is absent.
    case missing(key: String)
    /// A key holds a value of another kind than the one asked for.
    case wrongKind(key: String, expected: String, found: BSONKind)

    /// What happened and what to do about it.
    public var description: String {
        switch self {
        case .malformed(let offset):
            "The bytes are not a BSON document (stopped at byte \(offset)). Check where they come from."
        case .malformedJSON(let reason):
            "The text is not a JSON object: \(reason)."
        case .containsNUL(let text):
            "The key or pattern \(text.debugDescription) contains a NUL character. Remove it."
        case .nestedTooDeep(let limit):
            "The document is nested deeper than \(limit) levels. Flatten it."
        case .tooLarge(let key):
            "The document becomes too large at key \(key.debugDescription). Split it."
        case .unsupportedKind(let kind, let key):
            "A value of kind \(kind) cannot be written (key \(key.debugDescription)). Use another kind."
        case .missing(let key):
            "The document has no key \(key.debugDescription)."
        case .wrongKind(let key, let expected, let found):
            "Key \(key.debugDescription) should hold \(expected), but holds \(found)."
        }
    }
}
