/// Draws whose algorithm is written down here, since that of the standard library may change between versions.
extension RandomNumberGenerator {
    /// A double in [0, 1): the upper 53 bits of one output times 2⁻⁵³.
    public mutating func unitDouble() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A double in [0, 1], both ends included: the upper 53 bits of one output divided by 2⁵³ - 1.
    public mutating func closedUnitDouble() -> Double {
        Double(next() >> 11) / 0x1.fffffffffffffp52
    }

    /// A double in (0, 1), neither end included, symmetric about 1/2: the upper 52 bits of one output plus 1/2, times 2⁻⁵².
    public mutating func openUnitDouble() -> Double {
        (Double(next() >> 12) + 0.5) * 0x1p-52
    }

    /// A whole number in 0..<`count`, each equally likely.
    ///
    /// Lemire (2019), "Fast Random Integer Generation in an Interval", ACM TOMACS 29(1), algorithm 5: usually one output.
    /// - Precondition: `count` > 0.
    public mutating func wholeNumber(below count: UInt64) -> UInt64 {
        precondition(count > 0, "a draw needs at least one possible value")
        var product = next().multipliedFullWidth(by: count)
        if product.low < count {
            let threshold = (0 &- count) % count
            while product.low < threshold { product = next().multipliedFullWidth(by: count) }
        }
        return product.high
    }
}
