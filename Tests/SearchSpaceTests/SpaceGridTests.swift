import OrderedCollections
import SearchSpace
import Testing

@Suite("Grids and cardinality", .timeLimit(.minutes(10)))
struct SpaceGridTests {
    private static func parameter(
        _ label: String,
        _ domain: ParameterDomain,
        when clauses: [ParameterCondition.Clause] = []
    ) -> SpaceNode {
        let condition = clauses.isEmpty ? nil : ParameterCondition(clauses: clauses)
        return .parameter(Parameter(label: label, domain: domain, condition: condition))
    }

    private static func options(_ values: ParameterValue...) -> ParameterDomain {
        .choice(values.map { .constant($0) })
    }

    /// The assignments of a grid as JSON.
    private static func points(of space: SearchSpace) throws -> [String] {
        try SpaceGrid(space).map { ParameterValue.mapping(try space.assignment(for: $0)).json }
    }

    @Test("goes through two choices in the written order, the last the fastest")
    func order() throws {
        let space = try SearchSpace(root: [
            "a": Self.parameter("a", Self.options(1, 2, 3)), "b": Self.parameter("b", Self.options(16, 32)),
        ])
        #expect(space.cardinality == .finite(6))
        #expect(
            try Self.points(of: space) == [
                #"{"a":1,"b":16}"#, #"{"a":1,"b":32}"#, #"{"a":2,"b":16}"#, #"{"a":2,"b":32}"#, #"{"a":3,"b":16}"#,
                #"{"a":3,"b":32}"#,
            ]
        )
    }

    @Test("gives inactive parameters no points of their own")
    func conditional() throws {
        let layers = SpaceNode.mapping([
            "type": .constant("mlp"), "layers": Self.parameter("layers", .randomInteger(low: 1, high: 3)),
        ])
        let space = try SearchSpace(root: [
            "model": Self.parameter("model", .choice([.mapping(["type": .constant("svm")]), layers])),
            // It stands before what it depends on.
            "degree": Self.parameter(
                "degree",
                .uniformInteger(low: 1.5, high: 3.4),
                when: [.init(label: "kernel", values: ["poly"])]
            ),
            "kernel": Self.parameter("kernel", Self.options("rbf", "poly")),
        ])
        #expect(space.cardinality == .finite(9))
        #expect(
            try Self.points(of: space) == [
                #"{"model":{"type":"svm"},"kernel":"rbf"}"#,
                #"{"model":{"type":"svm"},"degree":2,"kernel":"poly"}"#,
                #"{"model":{"type":"svm"},"degree":3,"kernel":"poly"}"#,
                #"{"model":{"type":"mlp","layers":1},"kernel":"rbf"}"#,
                #"{"model":{"type":"mlp","layers":1},"degree":2,"kernel":"poly"}"#,
                #"{"model":{"type":"mlp","layers":1},"degree":3,"kernel":"poly"}"#,
                #"{"model":{"type":"mlp","layers":2},"kernel":"rbf"}"#,
                #"{"model":{"type":"mlp","layers":2},"degree":2,"kernel":"poly"}"#,
                #"{"model":{"type":"mlp","layers":2},"degree":3,"kernel":"poly"}"#,
            ]
        )
    }

    @Test(
        "a domain has the values that have a probability",
        arguments: [
            (.uniform(low: 1, high: 10, quantum: 4), [0, 4, 8]),
            (.uniform(low: -0.499, high: 3.499, quantum: 1), [0, 1, 2, 3]),
            // 0 and 4 would take an exact half.
            (.uniform(low: 0.5, high: 3.5, quantum: 1), [1, 2, 3]),
            (.uniform(low: 0, high: 6, quantum: 4), [0, 4]),
            (.uniform(low: 0, high: 0.3, quantum: 0.1), [0, 0.1, 0.2, 0.1 * 3]),
            (.logUniform(low: -3, high: 1, quantum: 1), [0, 1, 2, 3]),
            (.uniformInteger(low: 1, high: 4), [1, 2, 3, 4]),
            (.randomInteger(low: -1, high: 2), [-1, 0, 1]),
            (.randomInteger(low: .max - 1, high: .max), [0x1p63]),
            (.float(min: 0.1, max: 0.55, isLog: false, step: 0.2), [0.1, 0.1 + 0.2, 0.1 + 0.4]),
            (.integer(min: 1, max: 9, isLog: true, step: 4), [1, 5, 9]),
            (.choice([.constant(1), .constant(1)]), [0, 1]),
            (.choice([.constant(1), .constant(2), .constant(3)], probabilities: [0.5, 0, 0.5]), [0, 2]),
        ] as [(ParameterDomain, [Double])]
    )
    func values(domain: ParameterDomain, expected: [Double]) throws {
        let space = try Spaces.single(domain)
        #expect(space.cardinality == .finite(expected.count))
        #expect(try SpaceGrid(space).map { $0.values["x"]?.number } == expected)
    }

    @Test("a value that has no probability is in the space, but no point of the grid")
    func improbable() throws {
        let space = try Spaces.single(.uniform(low: 0.5, high: 3.5, quantum: 1))
        let half = Suggestion(values: ["x": .double(0)])
        #expect(space.isComplete(half))
        let grid = try SpaceGrid(space)
        #expect(!grid.contains(half))
        #expect(grid.successor(of: half) == nil)
        #expect(grid.successor(of: Suggestion()) == nil)
        #expect(!grid.contains(Suggestion(values: ["x": .double(1), "y": .double(1)])))
    }

    @Test(
        "infinitely many values have no grid, and the error says which",
        arguments: [
            .uniform(low: 0, high: 1), .logUniform(low: 0, high: 1), .normal(mu: 0, sigma: 1),
            .normal(mu: 0, sigma: 1, quantum: 1), .logNormal(mu: 0, sigma: 1, quantum: 1),
            .float(min: 1, max: 2, isLog: true, step: nil),
        ] as [ParameterDomain]
    )
    func infinite(domain: ParameterDomain) throws {
        let space = try SearchSpace(root: [
            "x": Self.parameter("x", domain), "y": Self.parameter("y", Self.options(1)),
        ])
        #expect(space.cardinality == .infinite(labels: ["x"]))
        let error = #expect(throws: SearchSpaceError.infiniteSpace(labels: ["x"])) { try SpaceGrid(space) }
        #expect(
            error?.description
                == "\"x\" has infinitely many values, so there is no grid; give a step or a q, or use another sampler"
        )
    }

    @Test("a long list of infinite parameters is cut")
    func infiniteList() {
        let error = SearchSpaceError.infiniteSpace(labels: ["a", "b", "c", "d", "e", "f", "g"])
        #expect(error.description.hasPrefix(#""a", "b", "c", "d", "e" and 2 others have infinitely many values"#))
    }

    @Test("huge ranges are counted up to the limit, and their grid begins and ends")
    func huge() throws {
        let whole = ParameterDomain.integer(min: .min, max: .max, isLog: false, step: nil)
        #expect(try Spaces.single(whole).cardinality == .tooMany(limit: SearchSpace.maximumCardinality))
        let grid = try SpaceGrid(Spaces.single(whole))
        #expect(grid.first.values["x"] == .integer(.min))
        #expect(grid.successor(of: grid.first)?.values["x"] == .integer(.min + 1))
        #expect(grid.successor(of: Suggestion(values: ["x": .integer(.max)])) == nil)

        let tiny = try Spaces.single(.uniform(low: 0, high: 1e300, quantum: 1e-5))
        #expect(tiny.cardinality == .tooMany(limit: SearchSpace.maximumCardinality))
        #expect(try Array(SpaceGrid(tiny).prefix(3)).map { $0.values["x"]?.number } == [0, 1e-5, 2e-5])

        let limit = Int64(SearchSpace.maximumCardinality)
        #expect(try Spaces.single(.randomInteger(low: 0, high: limit)).cardinality == .finite(Int(limit)))
        #expect(
            try Spaces.single(.randomInteger(low: 0, high: limit + 1)).cardinality == .tooMany(limit: Int(limit))
        )
    }

    @Test("independent parameters multiply without being enumerated, and so do the contents of options")
    func product() throws {
        var many: OrderedDictionary<String, SpaceNode> = [:]
        for index in 0..<50 { many["k\(index)"] = Self.parameter("k\(index)", Self.options(1, 2)) }
        #expect(try SearchSpace(root: many).cardinality == .finite(1 << 50))

        func block(_ prefix: String) -> SpaceNode {
            .mapping(
                OrderedDictionary(
                    uniqueKeysWithValues: (0..<6).map {
                        ("k\($0)", Self.parameter("\(prefix)\($0)", .randomInteger(low: 0, high: 100)))
                    }
                )
            )
        }
        let nested = try SearchSpace(root: [
            "x": Self.parameter("x", .choice([block("a"), block("b"), .constant(nil)])),
            "y": Self.parameter("y", Self.options(1, 2)),
        ])
        #expect(nested.cardinality == .finite(2 * (2 * 1_000_000_000_000 + 1)))
    }

    @Test("a decider of many values is counted by what follows from them")
    func classes() throws {
        let space = try SearchSpace(root: [
            "n": Self.parameter("n", .randomInteger(low: 0, high: 1_000_000)),
            "x": Self.parameter("x", Self.options(1, 2, 3), when: [.init(label: "n", values: [7, 8.0])]),
        ])
        #expect(space.cardinality == .finite(999_998 + 2 * 3))
    }

    @Test("conditions too entangled to be counted are refused in time")
    func entangled() throws {
        var chain: OrderedDictionary<String, SpaceNode> = ["k0": Self.parameter("k0", Self.options(0, 1))]
        for index in 1..<2000 {
            let clause = ParameterCondition.Clause(label: "k\(index - 1)", values: [1])
            chain["k\(index)"] = Self.parameter("k\(index)", Self.options(0, 1), when: [clause])
        }
        #expect(try SearchSpace(root: chain).cardinality == .tooMany(limit: SearchSpace.maximumCardinality))
        let short = try SearchSpace(root: OrderedDictionary(uniqueKeysWithValues: chain.elements.prefix(100)))
        #expect(short.cardinality == .finite(101))

        // Every pair of switches has a parameter of its own: there is nothing that comes apart before all are decided.
        var web: OrderedDictionary<String, SpaceNode> = [:]
        for index in 0..<40 { web["k\(index)"] = Self.parameter("k\(index)", Self.options(0, 1)) }
        for left in 0..<40 {
            for right in 0..<left {
                let clauses = [left, right].map { ParameterCondition.Clause(label: "k\($0)", values: [1]) }
                web["p\(left)-\(right)"] = Self.parameter("p\(left)-\(right)", Self.options(1), when: clauses)
            }
        }
        #expect(try SearchSpace(root: web).cardinality == .tooMany(limit: SearchSpace.maximumCardinality))
    }
}
