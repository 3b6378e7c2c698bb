import TuningMath

/// Random decisions of one kind, all from the seed of the simulation.
final class Draws: Sendable {
    private let generator: Confined<SeededGenerator>

    init(seed: UInt64, purpose: String) {
        generator = Confined(SeedSequence(seed: seed).generator(trial: 0, purpose: purpose))
    }

    /// A number in [0, 1).
    func unit() -> Double { generator.value.unitDouble() }

    /// True with the given probability.
    func chance(_ probability: Double) -> Bool { probability > 0 && unit() < probability }

    /// A whole number in 0..<`count`.
    func number(below count: Int) -> Int { Int(generator.value.wholeNumber(below: UInt64(count))) }

    /// A whole number in a range, both ends included.
    func number(in range: ClosedRange<Int>) -> Int { range.lowerBound + number(below: range.count) }

    /// A duration in a range, in whole microseconds.
    func duration(in range: ClosedRange<Duration>) -> Duration {
        range.lowerBound + .microseconds(Int64((range.upperBound - range.lowerBound).inMicroseconds * unit()))
    }

    /// One of several; there must be one.
    func pick<T>(_ choices: [T]) -> T { choices[number(below: choices.count)] }

    /// 64 random bits.
    func bits() -> UInt64 { generator.value.next() }
}

extension Duration {
    fileprivate var inMicroseconds: Double {
        Double(components.seconds) * 1e6 + Double(components.attoseconds) * 1e-12
    }
}
