import Foundation
import OrderedCollections
import SearchSpace
import Testing
import TuningMath

/// Statistics of fixed seeds: deterministic, and so never flaky. Bounds are about the 99.9th percentile.
@Suite("Sampling", .timeLimit(.minutes(10)))
struct SamplingTests {
    private static let count = 4000

    private static func samples(_ domain: ParameterDomain, seed: UInt64 = 11) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in domain.sample(using: &generator).number }
    }

    /// Largest distance between the samples' distribution and the expected one (Kolmogorov-Smirnov).
    private static func distance(_ samples: [Double], _ expected: (Double) -> Double) -> Double {
        samples.sorted().enumerated().map { index, value in
            let probability = expected(value)
            return max(
                abs(probability - Double(index) / Double(count)),
                abs(Double(index + 1) / Double(count) - probability)
            )
        }.max() ?? 1
    }

    private static let bound = 1.95 / Double(count).squareRoot()

    @Test("uniform, log-uniform and float follow their distributions")
    func continuous() {
        #expect(Self.distance(Self.samples(.uniform(low: -5, high: 5))) { ($0 + 5) / 10 } < Self.bound)
        #expect(Self.distance(Self.samples(.logUniform(low: -4, high: 6))) { (log($0) + 4) / 10 } < Self.bound)
        let plain = ParameterDomain.float(min: 1, max: 3, isLog: false, step: nil)
        #expect(Self.distance(Self.samples(plain)) { ($0 - 1) / 2 } < Self.bound)
        let logarithmic = ParameterDomain.float(min: 1e-5, max: 1e-1, isLog: true, step: nil)
        #expect(Self.distance(Self.samples(logarithmic)) { (log10($0) + 5) / 4 } < Self.bound)
    }

    @Test("grids give every point the same share and reach both ends")
    func grids() {
        let domains: [(ParameterDomain, [Double])] = [
            (.integer(min: -2, max: 4, isLog: false, step: nil), [-2, -1, 0, 1, 2, 3, 4]),
            (.integer(min: 1, max: 9, isLog: false, step: 3), [1, 4, 7]),
            (.float(min: 0, max: 1, isLog: false, step: 0.25), [0, 0.25, 0.5, 0.75, 1]),
            (.float(min: 0, max: 0.3, isLog: false, step: 0.1), [0, 0.1, 0.2, 0.3]),
            (.choice([.constant("a"), .constant("b"), .constant("c")]), [0, 1, 2]),
        ]
        for (domain, points) in domains {
            var counts = [Int](repeating: 0, count: points.count)
            for sample in Self.samples(domain) {
                let index = points.firstIndex { abs($0 - sample) < 1e-12 }
                #expect(index != nil)
                if let index { counts[index] += 1 }
            }
            let mean = Double(Self.count) / Double(points.count)
            for count in counts { #expect(abs(Double(count) - mean) < 3.5 * mean.squareRoot()) }
        }
    }

    @Test("a logarithmic integer gives small numbers their larger share")
    func logarithmicInteger() {
        let samples = Self.samples(.integer(min: 1, max: 100, isLog: true, step: nil))
        let ones = Double(samples.count { $0 == 1 }) / Double(Self.count)
        #expect(abs(ones - log(3) / log(201)) < 0.025)
        #expect(samples.contains { $0 > 90 })
        #expect(samples.allSatisfy { $0 >= 1 && $0 <= 100 && $0 == $0.rounded() })
        let stepped = Self.samples(.integer(min: 2, max: 33, isLog: true, step: 10))
        #expect(Set(stepped) == [2, 12, 22, 32])
        let grid = Self.samples(.float(min: 0.5, max: 2, isLog: true, step: 0.5))
        #expect(Set(grid) == [0.5, 1, 1.5, 2])
    }

    @Test("extreme outputs stay inside every domain", arguments: [0, UInt64.max, 1 << 63])
    func extremes(output: UInt64) {
        let domains: [ParameterDomain] = [
            .uniform(low: 1, high: 1.0.nextUp), .uniform(low: -1e307, high: 1e307), .logUniform(low: -744, high: 709),
            .float(min: 1e-300, max: 1e300, isLog: true, step: nil),
            .float(min: 0.1, max: 0.7, isLog: false, step: 0.1),
            .float(min: 0.1, max: 0.7, isLog: true, step: 0.1), .integer(min: .min, max: .max, isLog: false, step: nil),
            .integer(min: 1, max: .max, isLog: true, step: nil), .integer(min: 1, max: .max, isLog: true, step: 3),
            .integer(min: .min, max: .max, isLog: false, step: .max), .integer(min: 7, max: 7, isLog: true, step: nil),
        ]
        for domain in domains {
            var generator = PrefixedGenerator(first: output)
            let value = domain.sample(using: &generator)
            #expect(throws: Never.self) {
                try Spaces.single(domain).assignment(for: Suggestion(values: ["x": value]))
            }
        }
    }

    @Test("a half-open range never gives its upper bound")
    func halfOpen() {
        let samples = Self.samples(.uniform(low: 1, high: 1.0.nextUp))
        #expect(samples.allSatisfy { $0 == 1 })
    }

    @Test("the option that is drawn shifts no other parameter")
    func independence() throws {
        let space = try Spaces.models()
        let seeds = SeedSequence(seed: 9)
        let reduced = try SearchSpace(root: space.root.filter { $0.key == "kernel" || $0.key == "degree" })
        for trial in 1...20 {
            let whole = space.sample(trial: trial, seeds: seeds).values
            let part = reduced.sample(trial: trial, seeds: seeds).values
            #expect(whole["kernel"] == part["kernel"])
            #expect(whole["degree"] == part["degree"])
        }
    }
}
