/// A message of MongoDB's wire protocol from a client to a server, as far as a test has to know it.
public struct WireRequest: Sendable, Hashable {
    /// Everything, from the header on.
    public let bytes: [UInt8]

    /// Bytes of the header, of which the first four are the length of the message.
    static let headerBytes = 16
    /// No message is larger, by the protocol.
    static let largestBytes = 48_000_000
    private static let commandMessage = 2013
    /// Header, flags, kind of the section, length of its document, kind of its first element.
    private static let nameOffset = 16 + 4 + 1 + 4 + 1

    /// The command's name, such as `findAndModify`; empty for what is no command.
    public var command: String {
        guard bytes.count > Self.nameOffset, Self.number(bytes[12..<16]) == Self.commandMessage else { return "" }
        return String(decoding: bytes[Self.nameOffset...].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Whether a text stands anywhere in it, such as the name of a collection or of a field.
    public func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, bytes.count >= wanted.count else { return wanted.isEmpty }
        return (0...(bytes.count - wanted.count)).contains { start in
            bytes[start] == first && bytes[start..<(start + wanted.count)].elementsEqual(wanted)
        }
    }

    /// The length that a message says it has; `nil` when it cannot be one.
    static func length(_ bytes: some Collection<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let length = number(bytes.prefix(4))
        return (headerBytes...largestBytes).contains(length) ? length : nil
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
