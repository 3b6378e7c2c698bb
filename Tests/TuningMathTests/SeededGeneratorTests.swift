import Testing
import TuningMath

@Suite("Seeded generator")
struct SeededGeneratorTests {
    /// Made with an implementation in another language, itself checked against the published xoshiro256** and SplitMix64.
    @Test("gives the published algorithm's outputs for a seed")
    func outputs() {
        var generator = SeededGenerator(seed: 0)
        let outputs = (0..<4).map { _ in generator.next() }
        #expect(
            outputs == [0x99ec_5f36_cb75_f2b4, 0xbf6e_1f78_4956_452a, 0x1a5f_849d_4933_e6e0, 0x6aa5_94f1_262d_2d2c]
        )
    }

    @Test(
        "differs by trial and by purpose, and stays the same for ever",
        arguments: [
            (1, "random.lr", [0x2697_ebe8_36d4_b2fe, 0xc560_e831_e716_6b17, 0x46a9_ed19_24d4_9404] as [UInt64]),
            (2, "random.lr", [0x8e1e_4f81_e2ff_79c9, 0xff09_a476_3a8f_ef0c, 0xbb48_c33d_8b26_4b2f]),
            (1, "random.läyers", [0x582e_20c4_5f44_42c4, 0x8fe1_1b96_bf01_e245, 0x8dbe_8ac0_e143_0454]),
        ]
    )
    func sequences(trial: Int, purpose: String, outputs: [UInt64]) {
        var generator = SeedSequence(seed: 7).generator(trial: trial, purpose: purpose)
        #expect((0..<3).map { _ in generator.next() } == outputs)
    }

    @Test("equal generators stay equal, and a draw tells them apart")
    func equality() {
        var generator = SeededGenerator(seed: 5)
        let copy = generator
        #expect(generator == copy)
        _ = generator.next()
        #expect(generator != copy)
        #expect(Set([generator, copy]).count == 2)
    }
}

@Suite("Draws")
struct DrawsTests {
    @Test("doubles are the upper 53 bits of an output")
    func unitDoubles() {
        var generator = SeededGenerator(seed: 42)
        #expect(
            (0..<3).map { _ in generator.unitDouble() } == [
                0.08386297105988216, 0.3789802506626686, 0.6800434110281394,
            ]
        )
    }

    @Test("whole numbers are Lemire's")
    func wholeNumbers() {
        var generator = SeededGenerator(seed: 42)
        #expect((0..<10).map { _ in generator.wholeNumber(below: 6) } == [0, 2, 4, 5, 5, 4, 4, 5, 4, 3])
    }

    @Test("the ends of the unit interval: 1 is reached only by the closed one, 0 not by the open one")
    func ends() {
        var largest = ConstantGenerator(output: .max)
        #expect(largest.unitDouble() == 1.0.nextDown)
        #expect(largest.closedUnitDouble() == 1)
        var smallest = ConstantGenerator(output: 0)
        #expect(smallest.unitDouble() == 0)
        #expect(smallest.closedUnitDouble() == 0)
        #expect(largest.openUnitDouble() == 1 - 0x1p-53)
        #expect(smallest.openUnitDouble() == 0x1p-53)
    }

    @Test("a draw that would be biased is repeated")
    func rejection() {
        // 2⁶⁴ mod 3 is 1: only the output 0 has a low half below 1.
        var generator = ListGenerator(outputs: [0, .max])
        #expect(generator.wholeNumber(below: 3) == 2)
        #expect(generator.outputs.isEmpty)
    }

    @Test("one possible value, and the largest count, are allowed")
    func extremes() {
        var generator = SeededGenerator(seed: 1)
        #expect(generator.wholeNumber(below: 1) == 0)
        let value = generator.wholeNumber(below: .max)
        #expect(value < .max)
    }

    @Test("every value is about equally likely")
    func uniformity() {
        var generator = SeededGenerator(seed: 3)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<7000 { counts[Int(generator.wholeNumber(below: 7))] += 1 }
        // Chi-squared with 6 degrees of freedom: 22.5 is its 99.9th percentile; the seed is fixed.
        let chiSquared = counts.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
        #expect(chiSquared < 22.5)
    }
}

private struct ConstantGenerator: RandomNumberGenerator {
    var output: UInt64
    mutating func next() -> UInt64 { output }
}

private struct ListGenerator: RandomNumberGenerator {
    var outputs: [UInt64]
    mutating func next() -> UInt64 { outputs.removeFirst() }
}
