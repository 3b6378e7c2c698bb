import FoundationEssentials

/// Turns `Encodable` values into documents.
///
/// Integers become `int32` when they fit, else `int64`; `Date` and `BSONDate` become BSON dates, `Data` becomes binary,
/// `BSONObjectID`, `BSONValue` and `BSONDocument` become themselves. Keys keep the order in which they are encoded.
public struct BSONEncoder: Sendable {
    /// Values for the `userInfo` of the encoder.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// An encoder without user info.
    public init() {}

    /// A document of the value.
    ///
    /// - Throws: `EncodingError` with the coding path when the value is no keyed one or holds what BSON cannot express.
    public func encode(_ value: some Encodable) throws -> BSONDocument {
        let encoded = try encodeValue(value)
        guard case .document(let document) = encoded else {
            throw EncodingError.invalidValue(
                value,
                .init(
                    codingPath: [],
                    debugDescription: "The outermost value is of kind \(encoded.kind), not a document."
                )
            )
        }
        return document
    }

    /// Any single value: the outermost one need not be a document.
    public func encodeValue(_ value: some Encodable) throws -> BSONValue {
        let slot = EncodingSlot()
        try EncoderState(slot: slot, codingPath: [], userInfo: userInfo).encodeAny(value)
        return try slot.finish(path: [])
    }
}

/// A place in the tree under construction; containers fill it after the fact.
final class EncodingSlot {
    enum Content {
        case empty
        case value(BSONValue)
        case keyed
        case unkeyed
    }

    var content = Content.empty
    private(set) var keys: [String] = []
    private(set) var children: [EncodingSlot] = []
    private var positions: [String: Int] = [:]

    /// The place of a key; encoding a key again replaces it.
    func child(_ key: String) -> EncodingSlot {
        let slot = EncodingSlot()
        if let position = positions[key] {
            children[position] = slot
        } else {
            positions[key] = children.count
            keys.append(key)
            children.append(slot)
        }
        return slot
    }

    /// The place after the last element.
    func appendChild() -> EncodingSlot {
        let slot = EncodingSlot()
        children.append(slot)
        return slot
    }

    /// Builds the value; a place that was never filled is an empty document, as an empty struct encodes nothing.
    func finish(path: [any CodingKey]) throws -> BSONValue {
        switch content {
        case .value(let value):
            return value
        case .unkeyed:
            return .array(
                try children.enumerated().map { try $0.element.finish(path: path + [IndexKey(intValue: $0.offset)]) }
            )
        case .empty, .keyed:
            let pairs = try zip(keys, children).map { key, child in
                (key, try child.finish(path: path + [IndexKey(stringValue: key)]))
            }
            do {
                return .document(try BSONDocument(pairs))
            } catch {
                throw EncodingError.invalidValue(
                    pairs,
                    .init(codingPath: path, debugDescription: error.description, underlyingError: error)
                )
            }
        }
    }
}

/// A key made from text or a position.
struct IndexKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = "\(intValue)"
        self.intValue = intValue
    }

    /// The key under which `superEncoder()` and `superDecoder()` keep the superclass.
    static let superKey = IndexKey(stringValue: "super")
}

/// The `Encoder` that user code sees, also as single-value container.
struct EncoderState: Encoder, SingleValueEncodingContainer {
    let slot: EncodingSlot
    let codingPath: [any CodingKey]
    let sendableUserInfo: [CodingUserInfoKey: any Sendable]

    init(slot: EncodingSlot, codingPath: [any CodingKey], userInfo: [CodingUserInfoKey: any Sendable]) {
        self.slot = slot
        self.codingPath = codingPath
        sendableUserInfo = userInfo
    }

    var userInfo: [CodingUserInfoKey: Any] {
        sendableUserInfo
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.content = .keyed
        return KeyedEncodingContainer(KeyedEncoding<Key>(state: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.content = .unkeyed
        return UnkeyedEncoding(state: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        self
    }

    func nested(_ slot: EncodingSlot, _ key: some CodingKey) -> EncoderState {
        EncoderState(slot: slot, codingPath: codingPath + [key], userInfo: sendableUserInfo)
    }

    /// Encodes, with the types that BSON knows by itself taken as they are.
    func encodeAny(_ value: some Encodable) throws {
        switch value {
        case let value as BSONValue: slot.content = .value(value)
        case let value as BSONDocument: slot.content = .value(.document(value))
        case let value as BSONObjectID: slot.content = .value(.objectID(value))
        case let value as BSONDate: slot.content = .value(.date(value))
        case let value as Date: slot.content = .value(.date(BSONDate(value)))
        case let value as Data: slot.content = .value(.binary(Array(value)))
        default: try value.encode(to: self)
        }
    }

    func encode(_ value: some Encodable) throws { try encodeAny(value) }
    func encodeNil() { slot.content = .value(.null) }
    func encode(_ value: Bool) { slot.content = .value(.bool(value)) }
    func encode(_ value: String) { slot.content = .value(.string(value)) }
    func encode(_ value: Double) { slot.content = .value(.double(value)) }
    func encode(_ value: Float) { slot.content = .value(.double(Double(value))) }
    func encode(_ value: Int) throws { try encodeInteger(value) }
    func encode(_ value: Int8) throws { try encodeInteger(value) }
    func encode(_ value: Int16) throws { try encodeInteger(value) }
    func encode(_ value: Int32) throws { try encodeInteger(value) }
    func encode(_ value: Int64) throws { try encodeInteger(value) }
    func encode(_ value: UInt) throws { try encodeInteger(value) }
    func encode(_ value: UInt8) throws { try encodeInteger(value) }
    func encode(_ value: UInt16) throws { try encodeInteger(value) }
    func encode(_ value: UInt32) throws { try encodeInteger(value) }
    func encode(_ value: UInt64) throws { try encodeInteger(value) }

    private func encodeInteger(_ value: some FixedWidthInteger) throws {
        guard let integer = Int(exactly: value) else {
            throw EncodingError.invalidValue(
                value,
                .init(codingPath: codingPath, debugDescription: "\(value) does not fit into 64 signed bits.")
            )
        }
        slot.content = .value(.int(integer))
    }
}
