/// The source of all generators of one experiment: one for each trial and purpose, so that no draw shifts another.
///
/// The seed of a generator is the 64-bit FNV-1a hash (offset basis `cbf29ce484222325`, prime `100000001b3`) of the
/// experiment's seed (8 bytes, little-endian), the trial's number (8 bytes, little-endian) and the purpose (UTF-8).
/// Swift's `Hasher` would differ in every process. Stored experiments depend on this rule: never change it.
public struct SeedSequence: Sendable, Hashable {
    /// The experiment's seed.
    public let seed: UInt64

    /// The sequence of an experiment's seed.
    public init(seed: UInt64) { self.seed = seed }

    /// The generator of one trial for one purpose, such as `random.lr`; equal arguments give equal draws.
    public func generator(trial: Int, purpose: String) -> SeededGenerator {
        var hash = FNV1a()
        hash.combine(seed)
        hash.combine(UInt64(bitPattern: Int64(trial)))
        for byte in purpose.utf8 { hash.combine(byte) }
        return SeededGenerator(seed: hash.value)
    }
}

/// The 64-bit FNV-1a hash of Fowler, Noll and Vo.
struct FNV1a {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    mutating func combine(_ word: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { combine(UInt8(truncatingIfNeeded: word >> shift)) }
    }
}
