import OrderedCollections
import SearchSpace
import Testing
import TuningMath

@Suite("Assignments and suggestions")
struct AssignmentTests {
    @Test("an assignment shows the chosen option and leaves inactive parameters out")
    func assignment() throws {
        let space = try Spaces.models()
        let suggestion = Suggestion(values: ["model": .integer(0), "C": .double(1.5), "kernel": .integer(0)])
        let assignment = try space.assignment(for: suggestion)
        #expect(assignment == ["model": ["type": "svm", "C": 1.5], "kernel": "rbf", "batch": 32])
        #expect(space.isActive("C", in: suggestion))
        #expect(!space.isActive("hidden", in: suggestion))
        #expect(!space.isActive("degree", in: suggestion))
        #expect(!space.isActive("nothing", in: suggestion))
    }

    @Test("the order of a suggestion does not matter, and whole doubles stand for integers")
    func lenient() throws {
        let space = try Spaces.models()
        let suggestion = Suggestion(values: [
            "degree": .double(3), "kernel": .double(1), "hidden": .double(16), "model": .integer(1),
        ])
        let assignment = try space.assignment(for: suggestion)
        #expect(Array(assignment.keys) == ["model", "kernel", "degree", "batch"])
        #expect(assignment == ["model": ["type": "mlp", "hidden": 16], "kernel": "poly", "degree": 3, "batch": 32])
        #expect(
            try space.suggestion(for: assignment).values
                == ["model": .integer(1), "hidden": .integer(16), "kernel": .integer(1), "degree": .integer(3)]
        )
    }

    @Test("missing, superfluous and impossible values are errors")
    func errors() throws {
        let space = try Spaces.models()
        func assign(_ values: OrderedDictionary<String, LabelValue>) throws -> Assignment {
            try space.assignment(for: Suggestion(values: values))
        }
        #expect(throws: SearchSpaceError.missingValue(label: "C")) {
            try assign(["model": .integer(0), "kernel": .integer(0)])
        }
        #expect(throws: SearchSpaceError.unknownLabel("y")) { try assign(["y": .integer(0)]) }
        #expect(throws: SearchSpaceError.inactiveLabel("degree")) {
            try assign(["model": .integer(0), "C": .double(1), "kernel": .integer(0), "degree": .integer(2)])
        }
        for wrong in [LabelValue.integer(2), .integer(-1), .double(0.5), .double(.nan), .double(1e300), .integer(.min)]
        {
            #expect(throws: SearchSpaceError.self) {
                try assign(["model": wrong, "C": .double(1), "kernel": .integer(0)])
            }
        }
        for wrong in [LabelValue.integer(9), .integer(72), .double(8.5)] {
            #expect(throws: SearchSpaceError.self) {
                try assign(["model": .integer(1), "hidden": wrong, "kernel": .integer(0)])
            }
        }
    }

    @Test(
        "the way back refuses what the space does not hold",
        arguments: [
            ["model": ["type": "svm", "C": 1.5]],
            ["model": ["type": "svm", "C": 1.5], "kernel": "rbf", "extra": 1],
            ["model": ["type": "tree"], "kernel": "rbf"],
            ["model": "svm", "kernel": "rbf"],
            ["model": ["type": "svm", "C": 1.5], "kernel": "poly"],
            ["model": ["type": "svm", "C": 1.5], "kernel": "rbf", "degree": 2],
            ["model": ["type": "svm", "C": 1.5], "kernel": "rbf", "batch": 64],
        ] as [Assignment]
    )
    func noWayBack(assignment: Assignment) throws {
        let space = try Spaces.models()
        #expect(throws: SearchSpaceError.self) { try space.suggestion(for: assignment) }
    }

    @Test("paths name nested values, and tell which may be absent")
    func paths() throws {
        let space = try Spaces.models()
        let paths = space.declaredPaths.map { "\($0.path)\($0.canBeInactive ? "?" : "")" }
        #expect(paths == ["model", "model.type", "model.C?", "model.hidden?", "kernel", "degree?", "batch"])
        let assignment = try space.assignment(
            for: Suggestion(values: ["model": .integer(0), "C": .double(2), "kernel": .integer(0)])
        )
        #expect(space.flattened(assignment).map(\.path) == ["model.type", "model.C", "kernel", "batch"])
        #expect(space.flattened(assignment).map(\.value.valueText) == ["svm", "2", "rbf", "32"])
        #expect(space.value(at: "model", in: assignment)?.json == #"{"type":"svm","C":2}"#)
        #expect(space.value(at: "model.C", in: assignment) == 2.0)
        #expect(space.value(at: "model.hidden", in: assignment) == nil)
        #expect(space.value(at: "model.C.x", in: assignment) == nil)
    }

    @Test("every path of an assignment is declared", arguments: 0..<20)
    func declared(seed: UInt64) throws {
        var spaces = RandomSpaces(seed: seed)
        let space = try spaces.next()
        let declared = Set(space.declaredPaths.map(\.path))
        let always = space.declaredPaths.filter { !$0.canBeInactive }.map(\.path)
        for _ in 0..<10 {
            let assignment = try space.assignment(for: space.sample(using: &spaces.generator))
            #expect(Set(space.flattened(assignment).map(\.path)).isSubset(of: declared), "seed \(seed)")
            for path in always { #expect(space.value(at: path, in: assignment) != nil, "seed \(seed), \(path)") }
        }
    }
}
