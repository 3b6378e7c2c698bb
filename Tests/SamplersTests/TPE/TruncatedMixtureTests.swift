import Foundation
import SearchSpace
import Testing
import TuningMath

@testable import Samplers

@Suite("Truncated mixture")
struct TruncatedMixtureTests {
    @Test("quantised densities sum to 1 over the values, and continuous ones integrate to 1")
    func normalised() throws {
        let whole = try #require(NumericPrior(.integer(min: 1, max: 9, isLog: true, step: nil)))
        let mixture = TruncatedMixture(observations: [1, 3, 3, 9], prior: whole)
        let sum = (1...9).reduce(0) { $0 + exp(mixture.logDensity(at: Double($1))) }
        #expect(abs(sum - 1) < 1e-12)

        let real = try #require(NumericPrior(.uniform(low: -1, high: 3)))
        let density = TruncatedMixture(observations: [-0.5, 2.5, 2.6], prior: real)
        let steps = 20_000
        // The midpoint rule is off by less than 1e-6 with a step far below the narrowest component.
        let integral = (0..<steps).reduce(0) {
            $0 + exp(density.logDensity(at: -1 + 4 * (Double($1) + 0.5) / Double(steps))) * 4 / Double(steps)
        }
        #expect(abs(integral - 1) < 1e-6)
    }

    @Test("draws follow the density, by rejection and by inversion")
    func draws() throws {
        let prior = try #require(NumericPrior(.uniform(low: 0, high: 1)))
        let mixture = TruncatedMixture(observations: [0.1, 0.15, 0.8], prior: prior)
        let bins = 10
        let expected = (0..<bins).map { bin in
            (0..<200).reduce(0) { sum, step in
                let position = (Double(bin) + (Double(step) + 0.5) / 200) / Double(bins)
                return sum + exp(mixture.logDensity(at: position)) / Double(200 * bins)
            }
        }
        var generator = SeededGenerator(seed: 11)
        let count = 20_000
        for isInverted in [false, true] {
            var counts = [Int](repeating: 0, count: bins)
            for _ in 0..<(isInverted ? count / 10 : count) {
                let value =
                    isInverted ? mixture.positionByInversion(using: &generator) : mixture.draw(using: &generator)
                #expect(value >= 0 && value < 1)
                counts[Int(value * Double(bins))] += 1
            }
            let total = Double(counts.reduce(0, +))
            for (count, share) in zip(counts, expected) {
                // Five standard deviations of a binomial count; the seed is fixed.
                let deviation = (total * share * (1 - share)).squareRoot()
                #expect(abs(Double(count) - total * share) < 5 * deviation)
            }
        }
    }

    @Test("far from all components densities stay finite and ordered")
    func tails() throws {
        let real = try #require(NumericPrior(.normal(mu: 0, sigma: 1)))
        let density = TruncatedMixture(observations: [], prior: real)
        // log(exp(-60² / 2) / sqrt(2 pi)), which as a density is 0 in double precision.
        #expect(isClose(density.logDensity(at: 60), -1800 - 0.5 * log(2 * Double.pi)))
        let whole = try #require(NumericPrior(.normal(mu: 0, sigma: 1, quantum: 1)))
        let mass = TruncatedMixture(observations: [], prior: whole)
        #expect(mass.logDensity(at: 20).isFinite)
        #expect(mass.logDensity(at: 20) < mass.logDensity(at: 12))
        #expect(isClose(mass.logDensity(at: 12), mass.logDensity(at: -12)))
    }

    @Test("a component that nearly never hits the bounds still gives values within them")
    func inversion() throws {
        var prior = try #require(NumericPrior(.uniform(low: 0, high: 1)))
        // No space leads here: all components lie 20 deviations outside.
        prior.mean = 20
        let mixture = TruncatedMixture(observations: [], prior: prior)
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<10 {
            let value = mixture.draw(using: &generator)
            #expect(value > 0.5 && value <= 1)
        }
    }
}
