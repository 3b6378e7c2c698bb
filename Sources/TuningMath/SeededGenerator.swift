/// xoshiro256**: the random generator of every draw, the same on every machine and in every version.
///
/// Blackman and Vigna (2021), "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47(4); the public-domain
/// `xoshiro256starstar.c`, scrambler `rotl(s1 * 5, 7) * 9`. The four words of state are consecutive outputs of SplitMix64
/// (Steele, Lea and Flood 2014), as its authors recommend. Stored experiments depend on it: never change it.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// A generator whose state is drawn from SplitMix64 started at `seed`.
    public init(seed: UInt64) {
        var splitMix = SplitMix64(state: seed)
        // SplitMix64 is a bijection of a counter, so four outputs in a row are never all zero.
        state = (splitMix.next(), splitMix.next(), splitMix.next(), splitMix.next())
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        let result = Self.rotateLeft(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotateLeft(state.3, 45)
        return result
    }

    private static func rotateLeft(_ value: UInt64, _ count: UInt64) -> UInt64 {
        (value << count) | (value >> (64 - count))
    }

    /// Equal states give equal draws for ever.
    public static func == (left: SeededGenerator, right: SeededGenerator) -> Bool { left.state == right.state }

    /// Hashes the state.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(state.0)
        hasher.combine(state.1)
        hasher.combine(state.2)
        hasher.combine(state.3)
    }
}

/// SplitMix64, which spreads a seed over a larger state: Steele, Lea and Flood (2014), with Vigna's constants.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
