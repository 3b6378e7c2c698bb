/// A set of byte values.
struct ByteSet: Sendable, Hashable {
    private var words: SIMD4<UInt64> = .zero

    init() {}

    init(_ byte: UInt8) { insert(byte) }

    init(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    mutating func formUnion(_ other: ByteSet) { words |= other.words }

    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] & (1 << UInt64(byte & 63)) != 0 }

    var inverted: ByteSet {
        var set = self
        set.words = ~words
        return set
    }

    /// The only byte of the set, if there is just one.
    var single: UInt8? {
        guard (0..<4).reduce(0, { $0 + words[$1].nonzeroBitCount }) == 1 else { return nil }
        return (0...UInt8.max).first { contains($0) }
    }

    /// With the other case of each ASCII letter.
    var withBothCases: ByteSet {
        var set = self
        for letter in UInt8(ascii: "a")...UInt8(ascii: "z") {
            if contains(letter) { set.insert(letter & ~0x20) }
            if contains(letter & ~0x20) { set.insert(letter) }
        }
        return set
    }

    static let any = ByteSet(0...UInt8.max)
    static let digits = ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))

    /// What `\w` means: ASCII letters, digits and `_`, and every byte of other characters, which are letters mostly.
    static let wordBytes: ByteSet = {
        var set = digits
        for range in [UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...UInt8.max] {
            set.formUnion(ByteSet(range))
        }
        set.insert(UInt8(ascii: "_"))
        return set
    }()

    static let space: ByteSet = {
        var set = ByteSet(0x09...0x0D)
        set.insert(0x20)
        return set
    }()
}
