import Foundation
import Testing
import TuningMath

@Suite("Normal distribution")
struct NormalDistributionTests {
    /// SciPy's values; `Fixtures/make-normal.py` makes them.
    private struct Reference: Decodable {
        var cumulative: [[Double]]
        var logCumulative: [[Double]]
        var logDensity: [[Double]]
        var quantile: [[Double]]
        var probability: [[Double]]

        static func load() throws -> Reference {
            let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/normal.json")
            return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
        }
    }

    private let normal = NormalDistribution()

    /// The C library's functions are good to some units in the last place, and a tail multiplies that by x².
    private static let tolerance = 1e-12

    private func isClose(_ value: Double, _ expected: Double, tolerance: Double = Self.tolerance) -> Bool {
        abs(value - expected) <= tolerance * max(abs(expected), .leastNormalMagnitude)
    }

    @Test("agrees with SciPy, in the tails too")
    func agrees() throws {
        let reference = try Reference.load()
        for row in reference.cumulative { #expect(isClose(normal.cumulative(row[0]), row[1]), "\(row)") }
        for row in reference.logCumulative { #expect(isClose(normal.logCumulative(row[0]), row[1]), "\(row)") }
        for row in reference.logDensity {
            #expect(isClose(normal.logDensity(row[0]), row[1]), "\(row)")
            #expect(isClose(normal.density(row[0]), exp(row[1])), "\(row)")
        }
        for row in reference.probability {
            // The difference of two nearly equal numbers: absolute where the interval is narrow.
            let value = normal.probability(from: row[0], to: row[1])
            #expect(isClose(value, row[2]) || abs(value - row[2]) < 1e-16, "\(row)")
        }
    }

    @Test("the quantiles are AS 241's, to 15 digits")
    func quantiles() throws {
        for row in try Reference.load().quantile {
            #expect(isClose(normal.quantile(row[0]), row[1], tolerance: 2e-15), "\(row): \(normal.quantile(row[0]))")
        }
        #expect(normal.quantile(0.5) == 0)
        #expect(abs(normal.quantile(0x1p-53)) < NormalDistribution.largestDraw)
    }

    @Test("mean and deviation shift and stretch")
    func scaled() {
        let distribution = NormalDistribution(mean: 3, deviation: 2)
        #expect(isClose(distribution.cumulative(5), normal.cumulative(1)))
        #expect(isClose(distribution.logCumulative(-97), normal.logCumulative(-50)))
        #expect(isClose(distribution.density(5), normal.density(1) / 2))
        #expect(isClose(distribution.quantile(0.25), 3 + 2 * normal.quantile(0.25)))
        #expect(isClose(distribution.probability(from: 5, to: 7), normal.probability(from: 1, to: 2)))
    }
}

@Suite("Rounding to multiples")
struct RoundingTests {
    @Test(
        "a half goes to the even multiple, as NumPy's",
        arguments: [
            (2.5, 1.0, 2.0), (3.5, 1, 4), (-0.5, 1, 0), (-1.5, 1, -2), (1.0, 4, 0), (2.0, 4, 0), (6.0, 4, 8),
            (0.3, 0.1, 0.1 * 3), (1e300, 1, 1e300), (0.25, 0.5, 0), (0.75, 0.5, 1),
        ] as [(Double, Double, Double)]
    )
    func halfToEven(number: Double, quantum: Double, expected: Double) {
        #expect(number.rounded(toMultipleOf: quantum) == expected)
        #expect(number.rounded(toMultipleOf: quantum).sign == (expected < 0 ? .minus : .plus))
    }
}
