import OrderedCollections
import SearchSpace
import Testing
import TuningMath

@Suite("Points that are given in part")
struct PartialSuggestionTests {
    /// Two models that share a key, and a parameter that depends on the kernel.
    private static func space() throws -> SearchSpace {
        func node(_ label: String, _ domain: ParameterDomain) -> SpaceNode {
            .parameter(Parameter(label: label, domain: domain))
        }
        let svm = SpaceNode.mapping([
            "type": .constant("svm"), "C": node("C", .logUniform(low: -4, high: 6)),
            "rate": node("svm_rate", .uniform(low: 0, high: 1)),
        ])
        let network = SpaceNode.mapping([
            "type": .constant("mlp"), "hidden": node("hidden", .integer(min: 8, max: 64, isLog: false, step: 8)),
            "rate": node("mlp_rate", .uniform(low: 0, high: 1, quantum: 0.1)),
        ])
        return try SearchSpace(root: [
            "model": node("model", .choice([svm, network, .constant(nil)])),
            "kernel": node("kernel", .choice([.constant("rbf"), .constant("poly"), .constant("sigmoid")])),
            "degree": .parameter(
                Parameter(
                    label: "deg",
                    domain: .randomInteger(low: 1, high: 6),
                    condition: ParameterCondition(clauses: [.init(label: "kernel", values: ["poly"])])
                )
            ),
            "gamma": .parameter(
                Parameter(
                    label: "gamma",
                    domain: .uniformInteger(low: 1, high: 6),
                    condition: ParameterCondition(clauses: [.init(label: "kernel", values: ["rbf", "poly"])])
                )
            ),
            "batch": .constant(32),
        ])
    }

    @Test(
        "fixes what is given and what follows from it",
        arguments: [
            ([:], [:]),
            (["batch": 32], [:]),
            (["model": nil], ["model": .integer(2)]),
            (["model": ["type": "mlp"]], ["model": .integer(1)]),
            (["model": ["C": 1]], ["model": .integer(0), "C": .double(1)]),
            // The key tells which option is meant; the number becomes the multiple that it stands for.
            (
                ["model": ["hidden": 16.0, "rate": 0.3]],
                [
                    "model": .integer(1), "hidden": .integer(16), "mlp_rate": .double(0.1 * 3),
                ]
            ),
            (["kernel": "poly"], ["kernel": .integer(1)]),
            // Only one kernel has a degree.
            (["degree": 3], ["kernel": .integer(1), "deg": .integer(3)]),
            (["kernel": "rbf", "gamma": 2], ["kernel": .integer(0), "gamma": .double(2)]),
        ] as [(Assignment, OrderedDictionary<String, LabelValue>)]
    )
    func nested(assignment: Assignment, expected: OrderedDictionary<String, LabelValue>) throws {
        #expect(try Self.space().partialSuggestion(for: assignment).values == expected)
    }

    @Test(
        "says what is wrong, and which key to add",
        arguments: [
            (["model": ["rate": 0.5]], #""model" fits 2 options of its choice; add "model.type" to tell them apart"#),
            (["model": [:]], #""model" fits 2 options of its choice; add "model.type" to tell them apart"#),
            (
                ["model": ["type": "tree"]],
                #"{"type":"tree"} is no value of the parameter "model"; it takes one of its 3 options"#
            ),
            (
                ["model": ["type": "svm", "C": -1]],
                #"-1 is no value of the parameter "C"; it takes numbers from exp(-4) = "#
            ),
            (["gamma": 2], #""kernel" has no value, but "gamma" depends on it; give it one such as "rbf", "poly""#),
            (
                ["kernel": "rbf", "degree": 3],
                #"the parameter "deg" is not active with these values; remove its value"#
            ),
            (["kernle": "rbf"], #""kernle" is no key of the search space; did you mean "kernel"?"#),
            (["batch": 64], #""batch" must be 32, not 64"#),
            (["kernel": 1], #"1 is no value of the parameter "kernel"; it takes one of its 3 options"#),
            (
                ["gamma": 2.5, "kernel": "rbf"],
                #"2.5 is no value of the parameter "gamma"; it takes whole numbers from 1 to 6"#
            ),
            (["degree": "3"], #""3" is no value of the parameter "deg"; it takes whole numbers from 1 to below 6"#),
        ] as [(Assignment, String)]
    )
    func errors(assignment: Assignment, message: String) throws {
        let space = try Self.space()
        let error = #expect(throws: SearchSpaceError.self) { try space.partialSuggestion(for: assignment) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test(
        "takes paths, labels and keys that no other has",
        arguments: [
            ([("model.C", 1)], ["model": .integer(0), "C": .double(1)]),
            ([("C", 1)], ["model": .integer(0), "C": .double(1)]),
            (
                [("hidden", 8), ("mlp_rate", 0.5)],
                ["model": .integer(1), "hidden": .integer(8), "mlp_rate": .double(0.5)]
            ),
            // A label elsewhere tells which option a path is in.
            (
                [("model.rate", 0.5), ("hidden", 8)],
                [
                    "model": .integer(1), "hidden": .integer(8), "mlp_rate": .double(0.5),
                ]
            ),
            ([("model.type", "mlp"), ("model.rate", 0.5)], ["model": .integer(1), "mlp_rate": .double(0.5)]),
            ([("model", ["type": "svm", "C": 2])], ["model": .integer(0), "C": .double(2)]),
            ([("deg", 2), ("gamma", 4)], ["kernel": .integer(1), "deg": .integer(2), "gamma": .double(4)]),
            ([("degree", 2)], ["kernel": .integer(1), "deg": .integer(2)]),
            ([], [:]),
        ] as [([(name: String, value: ParameterValue)], OrderedDictionary<String, LabelValue>)]
    )
    func named(
        values: [(name: String, value: ParameterValue)],
        expected: OrderedDictionary<String, LabelValue>
    ) throws {
        #expect(try Self.space().partialSuggestion(forNamed: values).values == expected)
    }

    @Test(
        "refuses names that are unknown, ambiguous or there twice",
        arguments: [
            ([("rate", 0.5)], #""rate" is the key of several parameters; use a label: "svm_rate", "mlp_rate""#),
            ([("kernal", "rbf")], #""kernal" is no parameter of the search space; did you mean "kernel"?"#),
            ([("kernel", "rbf"), ("kernel", "poly")], #""kernel" is given twice"#),
            ([("svm_rate", 0.5), ("svm_rate", 0.6)], #""svm_rate" is given twice"#),
            ([("svm_rate", 0.5), ("model.type", "mlp")], "{\"type\":\"mlp\"} is no value of the parameter \"model\""),
            ([("C", 1), ("hidden", 8)], #"the parameter "C" is not active with these values"#),
            ([("C", 1), ("model.C", 2)], #"the parameter "C" is given two different values"#),
            ([("model", nil), ("model.C", 2)], #""model.C" lies inside of "model", which is given another value"#),
            ([("", 1)], #""" is no parameter of the search space"#),
        ] as [([(name: String, value: ParameterValue)], String)]
    )
    func wrongNames(values: [(name: String, value: ParameterValue)], message: String) throws {
        let space = try Self.space()
        let error = #expect(throws: SearchSpaceError.self) { try space.partialSuggestion(forNamed: values) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test("draws what is missing, each parameter from its own generator")
    func completion() throws {
        let space = try Self.space()
        let seeds = SeedSequence(seed: 3)
        let free = space.completed(Suggestion(), trial: 5, seeds: seeds)
        #expect(free == space.sample(trial: 5, seeds: seeds, purposePrefix: "given"))
        let given = try space.partialSuggestion(for: ["model": ["hidden": 16]])
        let completed = space.completed(given, trial: 5, seeds: seeds)
        #expect(space.isComplete(completed))
        #expect(!space.isComplete(given))
        #expect(completed.values["hidden"] == .integer(16))
        #expect(completed.values["kernel"] == free.values["kernel"])
    }

    @Test("a whole point is one of the options that look alike in part")
    func lookalikes() throws {
        func node(_ label: String) -> SpaceNode {
            .parameter(Parameter(label: label, domain: .uniform(low: 0, high: 1)))
        }
        let options: [SpaceNode] = [
            .mapping(["a": node("a1"), "b": node("b1")]), .mapping(["a": node("a2")]), .constant(1), .constant(1),
        ]
        let space = try SearchSpace(root: ["x": .parameter(Parameter(label: "x", domain: .choice(options)))])
        // The first would fit as well with b drawn, but a trial of the second sees exactly this.
        #expect(try space.partialSuggestion(for: ["x": ["a": 0.5]]).values == ["x": .integer(1), "a2": .double(0.5)])
        #expect(try space.partialSuggestion(for: ["x": 1]).values == ["x": .integer(2)])
        #expect(try space.partialSuggestion(for: ["x": ["b": 0.5]]).values == ["x": .integer(0), "b1": .double(0.5)])
        let error = #expect(throws: SearchSpaceError.self) { try space.partialSuggestion(for: ["x": [:]]) }
        #expect(error?.description == #""x" fits 2 options of its choice; add "x.b" to tell them apart"#)
    }
}
