import Foundation
import OrderedCollections
import SearchSpace
import Testing
import TuningMath

/// Every distribution against SciPy's numbers; `Fixtures/make-distributions.py` makes them, and holds hyperopt's own draws
/// against the same ones. The seeds are fixed, so a test that passes does so for ever.
@Suite("Distributions", .timeLimit(.minutes(10)))
struct DistributionTests {
    @Test("draws have the distribution that hyperopt and SciPy give it", arguments: Reference.distributions)
    func distribution(reference: Reference) throws {
        let drawn = try reference.draw()
        switch reference.expectation {
        case .quantiles(let quantiles):
            // Kolmogorov and Smirnov's distance at 199 points is at most the whole one, and misses at most 1/200 of it;
            // the limit is passed by chance once in 10,000.
            let distance = kolmogorovSmirnovDistance(drawn, quantiles: quantiles)
            #expect(distance < reference.limit, "\(reference): \(distance)")
        case .probabilities(let chances):
            let (statistic, strangers) = chiSquared(drawn, chances)
            // Values with a probability below 1e-9 are not in the list.
            #expect(strangers == 0, "\(reference)")
            #expect(statistic < reference.limit, "\(reference): \(statistic)")
        }
    }

    @Test("mean and variance are SciPy's", arguments: Reference.distributions)
    func moments(reference: Reference) throws {
        let drawn = try reference.draw()
        let count = Double(drawn.count)
        let mean = drawn.reduce(0, +) / count
        // Four standard errors: passed by chance once in 16,000.
        #expect(abs(mean - reference.mean) < 4 * (reference.variance / count).squareRoot(), "\(reference): \(mean)")
        let variance = drawn.reduce(0) { $0 + ($1 - reference.mean) * ($1 - reference.mean) } / count
        let error = ((reference.fourth - reference.variance * reference.variance) / count).squareRoot()
        #expect(abs(variance - reference.variance) < 4 * error, "\(reference): \(variance)")
    }

    @Test("every draw is a value of its domain, just as it is", arguments: Reference.distributions)
    func membership(reference: Reference) throws {
        let space = try reference.space()
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<2000 {
            let suggestion = space.sample(using: &generator)
            #expect(space.isComplete(suggestion), "\(suggestion)")
            // Not even the last digit changes on the way through a store.
            #expect(space.canonical(suggestion) == suggestion)
        }
    }

    @Test("the draws of a seed never change", arguments: Pin.all)
    func pins(pin: Pin) throws {
        let space = try SearchSpace(normalised: ["x": pin.parameter])
        let drawn = (1...pin.values.count).map { trial in
            space.sample(trial: trial, seeds: SeedSequence(seed: 7)).values["x"]?.number ?? .nan
        }
        for (value, expected) in zip(drawn, pin.values) {
            // SciPy's quantiles and ours may differ in the last digits.
            #expect(abs(value - expected) <= 1e-14 * abs(expected), "\(pin.parameter.json): \(drawn)")
        }
    }

    private func kolmogorovSmirnovDistance(_ drawn: [Double], quantiles: [Double]) -> Double {
        let sorted = drawn.sorted()
        var below = 0
        return quantiles.enumerated().map { index, quantile in
            while below < sorted.count, sorted[below] <= quantile { below += 1 }
            let expected = Double(index + 1) / Double(quantiles.count + 1)
            return abs(Double(below) / Double(sorted.count) - expected)
        }.max() ?? 1
    }

    /// The statistic, with rare values taken together, and how many draws are no value of the list.
    private func chiSquared(
        _ drawn: [Double],
        _ chances: [(value: Double, probability: Double)]
    ) -> (statistic: Double, strangers: Int) {
        var counts: [Double: Int] = [:]
        for value in drawn { counts[value, default: 0] += 1 }
        var bins: [(observed: Double, expected: Double)] = []
        var rare = (observed: 0.0, expected: 0.0)
        for (value, probability) in chances {
            let bin = (
                observed: Double(counts.removeValue(forKey: value) ?? 0), expected: probability * Double(drawn.count)
            )
            if bin.expected >= 5 {
                bins.append(bin)
            } else {
                rare = (rare.observed + bin.observed, rare.expected + bin.expected)
            }
        }
        if rare.expected > 0 { bins.append(rare) }
        let statistic = bins.reduce(0) { $0 + ($1.observed - $1.expected) * ($1.observed - $1.expected) / $1.expected }
        return (statistic, counts.values.reduce(0, +))
    }
}

/// What SciPy says about one distribution.
struct Reference: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    enum Expectation: Sendable {
        /// Values up to which equal shares of the draws lie.
        case quantiles([Double])
        case probabilities([(value: Double, probability: Double)])
    }

    var name: String
    /// In the normalised form.
    var parameter: ParameterValue
    var expectation: Expectation
    /// What the statistic of 20,000 draws exceeds by chance once in 10,000.
    var limit: Double
    var mean: Double
    var variance: Double
    /// The fourth central moment.
    var fourth: Double

    var description: String { name }
    var testDescription: String { name }

    /// An empty list fails the test of ``Fixture``.
    static let distributions: [Reference] = (try? Fixture.load())?.distributions ?? []

    func space() throws -> SearchSpace { try SearchSpace(normalised: ["x": parameter]) }

    func draw() throws -> [Double] {
        let domain = try #require(try space().parameters["x"]?.domain)
        var generator = SeededGenerator(seed: 20)
        return (0..<20_000).map { _ in domain.sample(using: &generator).number }
    }
}

/// The first draws of one kind of parameter.
struct Pin: Sendable, CustomTestStringConvertible {
    var parameter: ParameterValue
    var values: [Double]

    var testDescription: String { parameter.json }

    static let all: [Pin] = (try? Fixture.load())?.draws ?? []
}

/// `Fixtures/distributions.json`.
struct Fixture {
    var distributions: [Reference]
    var draws: [Pin]

    static func load() throws -> Fixture {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/distributions.json")
        let value = try ParameterValue(json: String(decoding: try Data(contentsOf: file), as: UTF8.self))
        return Fixture(
            distributions: try value.member("distributions").items.map { entry in
                let expectation: Reference.Expectation
                if let quantiles = try? entry.member("quantiles") {
                    expectation = .quantiles(try quantiles.numbers)
                } else {
                    let values = try entry.member("values").numbers
                    let chances = try entry.member("probabilities").numbers
                    expectation = .probabilities(zip(values, chances).map { (value: $0, probability: $1) })
                }
                return Reference(
                    name: try entry.member("name").valueText ?? "",
                    parameter: try entry.member("parameter"),
                    expectation: expectation,
                    limit: try entry.member("limit").number,
                    mean: try entry.member("mean").number,
                    variance: try entry.member("variance").number,
                    fourth: try entry.member("fourth").number
                )
            },
            draws: try value.member("draws").items.map {
                Pin(parameter: try $0.member("parameter"), values: try $0.member("values").numbers)
            }
        )
    }

    @Suite("Distribution fixture")
    struct Tests {
        @Test("holds all thirteen of hyperopt and our own")
        func isWhole() throws {
            let fixture = try Fixture.load()
            let types = Set(try fixture.distributions.map { try $0.parameter.member("type").valueText })
            #expect(types.count == 13)  // choice and pchoice are one type; float and int are ours
            #expect(fixture.distributions.count == 21)
            #expect(fixture.draws.count == 17)
        }
    }
}

extension ParameterValue {
    fileprivate struct Unexpected: Error { var text: String }

    fileprivate func member(_ key: String) throws -> ParameterValue {
        guard case .mapping(let entries) = self, let value = entries[key] else { throw Unexpected(text: key) }
        return value
    }

    fileprivate var items: [ParameterValue] {
        get throws {
            guard case .list(let items) = self else { throw Unexpected(text: json) }
            return items
        }
    }

    fileprivate var number: Double {
        get throws {
            switch self {
            case .integer(let number): Double(number)
            case .double(let number): number
            default: throw Unexpected(text: json)
            }
        }
    }

    fileprivate var numbers: [Double] { get throws { try items.map { try $0.number } } }
}
