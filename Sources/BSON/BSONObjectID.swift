/// MongoDB's 12-byte identifier: 4 bytes of seconds, 5 bytes that name the maker, 3 bytes of a counter, all big-endian.
public struct BSONObjectID: Hashable, Comparable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    /// The number of bytes of an identifier.
    public static let byteCount = 12
    /// The largest counter that fits into three bytes.
    public static let maximumCounter: UInt32 = 0xFF_FFFF

    package let high: UInt64
    package let low: UInt32

    package init(high: UInt64, low: UInt32) {
        self.high = high
        self.low = low
    }

    /// An identifier from its parts.
    ///
    /// - Parameters:
    ///   - seconds: seconds since 1970.
    ///   - maker: five bytes; nil comes back for any other count.
    ///   - counter: at most `maximumCounter`; nil comes back for more, since a cut counter would repeat identifiers.
    public init?(seconds: UInt32, maker: [UInt8], counter: UInt32) {
        guard maker.count == 5, counter <= Self.maximumCounter else { return nil }
        var high = UInt64(seconds) << 32
        for (index, byte) in maker.prefix(4).enumerated() {
            high |= UInt64(byte) << UInt64(24 - 8 * index)
        }
        self.init(high: high, low: UInt32(maker[4]) << 24 | counter)
    }

    /// An identifier from exactly twelve bytes, nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(
            high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt32($1) }
        )
    }

    /// An identifier from 24 hexadecimal digits, nil for anything else.
    public init?(_ description: String) {
        var bytes: [UInt8] = []
        var pending: UInt8?
        for character in description.unicodeScalars {
            guard character.isASCII, let digit = Character(character).hexDigitValue, bytes.count < Self.byteCount
            else { return nil }
            if let first = pending {
                bytes.append(first << 4 | UInt8(digit))
                pending = nil
            } else {
                pending = UInt8(digit)
            }
        }
        guard pending == nil else { return nil }
        self.init(bytes: bytes)
    }

    /// The twelve bytes.
    public var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * $0)) }
            + (0..<4).map { UInt8(truncatingIfNeeded: low >> UInt32(24 - 8 * $0)) }
    }

    /// The seconds since 1970 of the first four bytes.
    public var seconds: UInt32 {
        UInt32(truncatingIfNeeded: high >> 32)
    }

    /// The counter of the last three bytes.
    public var counter: UInt32 {
        low & Self.maximumCounter
    }

    /// The 24 lower-case hexadecimal digits.
    public var description: String {
        String(bytes.flatMap { byte in [byte >> 4, byte & 15].map { Character(String($0, radix: 16)) } })
    }

    /// Byte order, which is also the order in MongoDB.
    public static func < (left: BSONObjectID, right: BSONObjectID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension BSONObjectID: Codable {
    /// Reads the hexadecimal form; `BSONDecoder` reads a real object id instead.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let identifier = BSONObjectID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 24 hexadecimal digits")
        }
        self = identifier
    }

    /// Writes the hexadecimal form; `BSONEncoder` writes a real object id instead.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
