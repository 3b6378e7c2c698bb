import OrderedCollections
import SearchSpace
import Testing

@Suite("Checks of a search space")
struct SearchSpaceCheckTests {
    private static func problems(_ domain: ParameterDomain) -> [SearchSpaceError] {
        SearchSpace.problems(in: ["x": .parameter(Parameter(label: "x", domain: domain))])
    }

    @Test("collects parameters outer before inner, in the written order")
    func collects() throws {
        #expect(try Array(Spaces.models().parameters.keys) == ["model", "C", "hidden", "kernel", "degree"])
    }

    @Test(
        "refuses domains without values or with impossible bounds",
        arguments: [
            ParameterDomain.uniform(low: 1, high: 1),
            .uniform(low: 2, high: 1),
            .uniform(low: .nan, high: 1),
            .uniform(low: 0, high: .infinity),
            .uniform(low: -1e308, high: 1e308),
            .logUniform(low: 0, high: 800),
            .logUniform(low: -800, high: 0),
            .float(min: 2, max: 1, isLog: false, step: nil),
            .float(min: 0, max: 1, isLog: true, step: nil),
            .float(min: 0, max: 1, isLog: false, step: 0),
            .float(min: 0, max: 1, isLog: false, step: .nan),
            .float(min: 0, max: 1e300, isLog: false, step: 1e-300),
            .integer(min: 2, max: 1, isLog: false, step: nil),
            .integer(min: 0, max: 1, isLog: true, step: nil),
            .integer(min: 0, max: 1, isLog: false, step: 0),
            .choice([]),
        ]
    )
    func refuses(domain: ParameterDomain) throws {
        let problems = Self.problems(domain)
        #expect(problems.count == 1)
        let problem = try #require(problems.first)
        #expect(problem.label == "x")
        #expect(throws: problem) { try Spaces.single(domain) }
    }

    @Test("a single value is a range for inclusive bounds")
    func singleValue() {
        #expect(Self.problems(.integer(min: 3, max: 3, isLog: false, step: nil)).isEmpty)
        #expect(Self.problems(.float(min: 3, max: 3, isLog: true, step: 1)).isEmpty)
    }

    @Test("reports every mistake at once, each with its label")
    func allAtOnce() {
        let root: OrderedDictionary<String, SpaceNode> = [
            "a": .parameter(Parameter(label: "a", domain: .uniform(low: 1, high: 0))),
            "b": .parameter(Parameter(label: "a", domain: .choice([]))),
            "c": .parameter(Parameter(label: "$c", domain: .uniform(low: 0, high: 1))),
            "d": .constant(.double(.infinity)),
        ]
        #expect(
            SearchSpace.problems(in: root) == [
                .emptyRange(label: "a", low: "1", high: "0"),
                .duplicateLabel("a"),
                .emptyChoice(label: "a"),
                .invalidLabel("$c", reason: "starts with \"$\", which the database does not take as a field name"),
                .invalidConstant(path: "d", reason: "a constant number must be finite"),
            ]
        )
    }

    private static func conditional(_ clauses: [ParameterCondition.Clause]) -> [SearchSpaceError] {
        SearchSpace.problems(in: [
            "kernel": .parameter(Parameter(label: "kernel", domain: .choice([.constant("rbf"), .constant(2)]))),
            "rate": .parameter(Parameter(label: "rate", domain: .uniform(low: 0, high: 1))),
            "x": .parameter(
                Parameter(
                    label: "x",
                    domain: .uniform(low: 0, high: 1),
                    condition: ParameterCondition(clauses: clauses)
                )
            ),
        ])
    }

    @Test("refuses conditions that cannot be judged or cannot hold")
    func conditions() {
        #expect(Self.conditional([.init(label: "kernel", values: ["rbf", 2.0])]).isEmpty)
        #expect(
            Self.conditional([.init(label: "kernle", values: ["rbf"])]) == [
                .unknownConditionLabel(label: "x", other: "kernle")
            ]
        )
        #expect(
            Self.conditional([.init(label: "kernel", values: ["poly"])])
                == [.impossibleConditionValue(label: "x", other: "kernel", value: "\"poly\"")]
        )
        #expect(Self.conditional([.init(label: "rate", values: [0.5])]).map(\.label) == ["x"])
        #expect(Self.conditional([]).map(\.label) == ["x"])
        #expect(Self.conditional([.init(label: "kernel", values: [])]).map(\.label) == ["x"])
        #expect(Self.conditional([.init(label: "x", values: [0.5])]).map(\.label) == ["x"])
    }

    @Test("finds conditions that depend on each other")
    func cycle() {
        func node(_ label: String, on other: String) -> SpaceNode {
            .parameter(
                Parameter(
                    label: label,
                    domain: .choice([.constant(1)]),
                    condition: ParameterCondition(clauses: [.init(label: other, values: [1])])
                )
            )
        }
        let root: OrderedDictionary<String, SpaceNode> = [
            "a": node("a", on: "b"), "b": node("b", on: "c"), "c": node("c", on: "a"),
        ]
        #expect(SearchSpace.problems(in: root) == [.conditionCycle(labels: ["a", "b", "c"])])
    }

    @Test("a long chain of conditions is evaluated without recursion")
    func chain() throws {
        var root: OrderedDictionary<String, SpaceNode> = [:]
        for index in 0..<5000 {
            let condition = index == 0 ? nil : ParameterCondition(clauses: [.init(label: "p\(index - 1)", values: [1])])
            root["p\(index)"] = .parameter(
                Parameter(label: "p\(index)", domain: .choice([.constant(1)]), condition: condition)
            )
        }
        let space = try SearchSpace(root: root)
        #expect(space.suggestion { _ in .integer(0) }.values.count == 5000)
    }

    @Test("a condition where nothing can be absent is refused")
    func conditionInList() {
        let parameter = Parameter(
            label: "x",
            domain: .uniform(low: 0, high: 1),
            condition: ParameterCondition(clauses: [.init(label: "k", values: [1])])
        )
        let root: OrderedDictionary<String, SpaceNode> = [
            "k": .parameter(Parameter(label: "k", domain: .choice([.constant(1)]))),
            "l": .list([.parameter(parameter)]),
        ]
        #expect(SearchSpace.problems(in: root).map(\.label) == ["x"])
    }

    @Test("nesting and the number of parameters end at their limits")
    func limits() throws {
        func nested(_ depth: Int) -> SpaceNode {
            var node = SpaceNode.parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1)))
            for _ in 1..<depth { node = .mapping(["k": node]) }
            return node
        }
        #expect(SearchSpace.problems(in: ["k": nested(SearchSpace.maximumDepth)]).isEmpty)
        let tooDeep = SearchSpace.problems(in: ["k": nested(SearchSpace.maximumDepth + 1)])
        #expect(tooDeep.contains { if case .tooDeep = $0 { true } else { false } })
        var many: OrderedDictionary<String, SpaceNode> = [:]
        for index in 0...SearchSpace.maximumParameters {
            many["p\(index)"] = .parameter(Parameter(label: "p\(index)", domain: .uniform(low: 0, high: 1)))
        }
        #expect(SearchSpace.problems(in: many) == [.tooManyParameters(count: SearchSpace.maximumParameters + 1)])
        many.removeLast()
        #expect(SearchSpace.problems(in: many).isEmpty)
        #expect(SearchSpace.problems(in: [:]) == [.noParameter])
    }

    @Test("two entries of one path are refused")
    func ambiguous() {
        let root: OrderedDictionary<String, SpaceNode> = [
            "a.b": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1))),
            "a": .mapping(["b": .constant(1)]),
        ]
        #expect(SearchSpace.problems(in: root) == [.ambiguousPath("a.b")])
    }
}
