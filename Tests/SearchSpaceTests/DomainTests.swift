import OrderedCollections
import SearchSpace
import Testing
import TuningMath

@Suite("Domains")
struct DomainTests {
    private static func problems(_ domain: ParameterDomain) -> [String] {
        SearchSpace.problems(in: ["x": .parameter(Parameter(label: "x", domain: domain))]).map(\.description)
    }

    private static let two: [SpaceNode] = [.constant("a"), .constant("b")]

    @Test(
        "refuse what the distribution cannot have, and say so",
        arguments: [
            (.normal(mu: 0, sigma: 0), #""x": sigma (0) must be a finite number above 0"#),
            (.normal(mu: .infinity, sigma: 1), #""x": mu ("Infinity") must be a finite number"#),
            (.normal(mu: 0, sigma: .nan), #""x": sigma ("NaN") must be a finite number above 0"#),
            (.normal(mu: 1e308, sigma: 1e307), #""x": mu and sigma are too large for double precision"#),
            (.logNormal(mu: 0, sigma: 100), #""x": mu and sigma of a lognormal are those of the natural logarithm"#),
            (.logNormal(mu: 700, sigma: 2, quantum: 1), #""x": mu and sigma of a qlognormal are those of the natural"#),
            (.logUniform(low: 0, high: 1000, quantum: 1), #""x": the bounds of a qloguniform are natural logarithms"#),
            (.uniform(low: 2, high: 1, quantum: 1), #""x" has an empty range"#),
            (.uniform(low: 0, high: 1, quantum: 0), #""x": q (0) must be a finite number above 0"#),
            (.uniform(low: 0, high: 1, quantum: -1), #""x": q (-1) must be a finite number above 0"#),
            (.normal(mu: 0, sigma: 1, quantum: .nan), #""x": q ("NaN") must be a finite number above 0"#),
            (.uniform(low: 0, high: 1e300, quantum: 1e-300), #""x": q (1e-300) is too small for the range"#),
            (.uniformInteger(low: 1, high: 1), #""x" has an empty range"#),
            (.uniformInteger(low: 0, high: 1e17), #""x": the bounds must lie between -2⁵³ and 2⁵³"#),
            (.uniformInteger(low: 0, high: .infinity), #""x": the bounds must be finite numbers"#),
            (.randomInteger(low: 3, high: 3), #""x" has an empty range"#),
            (.choice(two, probabilities: [1]), #"the choice "x" has 1 probabilities for 2 options"#),
            (.choice(two, probabilities: [0.5, 0.4]), #"the choice "x" has probabilities that sum to 0.9, not 1"#),
            (.choice(two, probabilities: [1.5, -0.5]), #"the choice "x" has the probability -0.5, which is none"#),
            (.choice(two, probabilities: [.nan, 1]), #"the choice "x" has the probability "NaN", which is none"#),
            (.choice([], probabilities: []), #"the choice "x" has no options"#),
        ] as [(ParameterDomain, String)]
    )
    func refused(domain: ParameterDomain, message: String) {
        let problems = Self.problems(domain)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(message) == true, "\(problems)")
        #expect(throws: SearchSpaceError.self) { try Spaces.single(domain) }
    }

    @Test(
        "allow what hyperopt allows",
        arguments: [
            .uniform(low: 0, high: 1, quantum: 100), .logUniform(low: -30, high: 30, quantum: 1e-9),
            .normal(mu: -1e300, sigma: 1e-300), .logNormal(mu: 600, sigma: 10),
            .choice(two, probabilities: [0.333_333_4, 0.666_666_7]), .choice(two, probabilities: [1, 0]),
            .uniformInteger(low: -0x1p53, high: 0x1p53), .randomInteger(low: .min, high: .max),
        ] as [ParameterDomain]
    )
    func allowed(domain: ParameterDomain) throws {
        #expect(Self.problems(domain).isEmpty)
        let space = try Spaces.single(domain)
        // The ends of what a generator can give.
        for output in [0, UInt64.max, 1 << 63] {
            var generator = PrefixedGenerator(first: output)
            let suggestion = space.sample(using: &generator)
            #expect(space.isComplete(suggestion), "\(suggestion.values)")
        }
    }

    @Test(
        "hold multiples of q only, within the rounded ends",
        arguments: [
            (.uniform(low: 1, high: 10, quantum: 4), [0, 4, 8], [-4, 12, 1, 2, 3.9]),
            (.uniform(low: 0, high: 1, quantum: 0.1), [0.3, 0.1 * 3, 0.7, 1], [0.35, 1.1, -0.1]),
            (.logUniform(low: -3, high: 1, quantum: 1), [0, 1, 2, 3], [-1, 4, 0.5]),
            (.normal(mu: 0, sigma: 1, quantum: 0.5), [-1000, 0.5, 0], [0.25, .infinity, .nan]),
            (.logNormal(mu: 0, sigma: 1, quantum: 2), [0, 2, 1000], [-2, 1]),
            (.logNormal(mu: 0, sigma: 1), [1e-300, 5], [0, -1, .nan]),
            (.normal(mu: 0, sigma: 1), [-1e300, 0.1], [.infinity, .nan]),
            (.uniformInteger(low: 1, high: 6), [1, 6], [0, 7, 2.5]),
            (.randomInteger(low: 0, high: 3), [0, 2], [3, -1, 0.5]),
            (.choice(two, probabilities: [1, 0]), [0, 1], [2, -1, 0.5]),
        ] as [(ParameterDomain, [Double], [Double])]
    )
    func membership(domain: ParameterDomain, inside: [Double], outside: [Double]) throws {
        let space = try Spaces.single(domain)
        for number in inside { #expect(space.isComplete(Suggestion(values: ["x": .double(number)])), "\(number)") }
        for number in outside { #expect(!space.isComplete(Suggestion(values: ["x": .double(number)])), "\(number)") }
    }

    @Test("a number written with few digits is the grid point that it stands for")
    func snapping() throws {
        let grids: [ParameterDomain] = [
            .uniform(low: 0, high: 1, quantum: 0.1), .float(min: 0, max: 1, isLog: false, step: 0.1),
        ]
        for domain in grids {
            let space = try SearchSpace(root: [
                "x": .parameter(Parameter(label: "x", domain: domain)),
                "y": .parameter(
                    Parameter(
                        label: "y",
                        domain: .randomInteger(low: 0, high: 2),
                        condition: ParameterCondition(clauses: [.init(label: "x", values: [0.3])])
                    )
                ),
            ])
            let drawn = Suggestion(values: ["x": .double(0.1 * 3), "y": .integer(1)])
            let written = Suggestion(values: ["x": .double(0.3), "y": .integer(1)])
            #expect(0.1 * 3 != 0.3)
            #expect(space.canonical(written) == drawn)
            // The condition is written with few digits too.
            #expect(space.isComplete(drawn))
            #expect(try space.assignment(for: written) == space.assignment(for: drawn))
        }
    }

    @Test("a draw takes one output of the generator")
    func oneOutput() {
        let domains: [ParameterDomain] = [
            .uniform(low: 0, high: 1), .logUniform(low: 0, high: 1, quantum: 1), .normal(mu: 0, sigma: 1),
            .logNormal(mu: 0, sigma: 1, quantum: 1), .uniformInteger(low: 0, high: 9),
            .choice(Self.two, probabilities: [0.5, 0.5]),
        ]
        for domain in domains {
            var generator = SeededGenerator(seed: 1)
            var other = generator
            _ = domain.sample(using: &generator)
            _ = other.next()
            #expect(generator == other, "\(domain)")
        }
    }

    @Test("names of distributions are hyperopt's")
    func names() {
        let uniform = RealDistribution.Base.uniform(low: 0, high: 1)
        let normal = RealDistribution.Base.normal(mu: 0, sigma: 1)
        let names = [uniform, normal].flatMap { base in
            [false, true].flatMap { isLog in
                [nil, 1].map { RealDistribution(base, isLog: isLog, quantum: $0).typeName }
            }
        }
        #expect(
            names == [
                "uniform", "quniform", "loguniform", "qloguniform", "normal", "qnormal", "lognormal", "qlognormal",
            ]
        )
    }
}

/// Gives one chosen output before those of a seed: an output that is for ever the same may be rejected for ever.
struct PrefixedGenerator: RandomNumberGenerator {
    private var first: UInt64?
    private var rest = SeededGenerator(seed: 1)

    init(first: UInt64) { self.first = first }

    mutating func next() -> UInt64 {
        defer { first = nil }
        return first ?? rest.next()
    }
}
