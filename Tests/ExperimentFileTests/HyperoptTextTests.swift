import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Spaces written for hyperopt")
struct HyperoptTextTests {
    /// In the manner of the Gradient Keras example: nested choices with None, ends at ±0.499, keys that are no labels.
    static let network = """
        space = {
            # Learning rate, as a factor
            'lr_mult': hp.loguniform('lr_mult', -0.5, 0.5),
            'batch': hp.quniform('batch', 100, 450, 5),   # of samples
            'optimizer': hp.choice('optimizer', ['Adam', "Nadam", 'RMS'
                'prop']),
            'conv_dropout_drop_proba': hp.uniform('conv_dropout_proba', 0.0, 0.35),
            'use_BN': hp.choice('use_BN', [False, True]),
            'first_conv': hp.choice(
                'first_conv', [None, hp.choice('first_conv_size', [3, 4])]
            ),
            'residual': hp.choice(
                'residual', [None, hp.quniform(
                    'residual_units', 1 - 0.499, 4 + 0.499, 1)]
            ),
            'fixed': (1, 2,),
        }

        """

    private static func read(_ text: String) throws -> SearchSpace {
        try ExperimentFile.searchSpace(fromHyperoptText: text, file: "space.py").space
    }

    private static func messages(_ text: String) -> [String] {
        do throws(ExperimentFileErrors) {
            return try ExperimentFile.searchSpace(fromHyperoptText: text, file: "space.py").warnings.map(\.description)
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    @Test("a program's dict is read with labels and keys kept apart")
    func program() throws {
        let space = try Self.read(Self.network)
        #expect(
            Array(space.parameters.keys) == [
                "lr_mult", "batch", "optimizer", "conv_dropout_proba", "use_BN", "first_conv", "first_conv_size",
                "residual", "residual_units",
            ]
        )
        #expect(space.root["fixed"] == .constant([1, 2]))
        #expect(space.parameters["residual_units"]?.domain == .uniform(low: 0.501, high: 4.499, quantum: 1))
        #expect(space.parameters["optimizer"]?.domain == .choice(["Adam", "Nadam", "RMSprop"].map { .constant($0) }))
        let suggestion = Suggestion(
            values: [
                "lr_mult": .double(1), "batch": .double(105), "optimizer": .integer(2),
                "conv_dropout_proba": .double(0.25), "use_BN": .integer(0), "first_conv": .integer(0),
                "residual": .integer(1), "residual_units": .double(4),
            ]
        )
        let assignment = try space.assignment(for: suggestion)
        #expect(assignment["conv_dropout_drop_proba"] == 0.25)
        #expect(assignment["first_conv"] == .null)
        #expect(assignment["residual"]?.valueText == "4")
    }

    @Test("the same text is the search space of a file, in every YAML style")
    func inFile() throws {
        let space = try Self.read(Self.network)
        let indented = Self.network.split(separator: "\n").map { "  \($0)\n" }.joined()
        #expect(try Reading.definition(Reading.frame + "search_space: |\n\(indented)").searchSpace == space)
        let quoted = #"search_space: "{'x': hp.choice('x', [{'a': hp.normal('n', 0, 1)}, None])}""#
        let block = "search_space:\n  x: [{a: \"hp.normal('n', 0, 1)\"}, null]\n"
        #expect(
            try Reading.definition(Reading.frame + quoted).searchSpace
                == Reading.definition(Reading.frame + block).searchSpace
        )
    }

    @Test("what Python writes in another way is the same")
    func literals() throws {
        let space = try Self.read("{'a': hp.uniform('a', 0, 1), 'b': [1, 'x']}")
        for text in [
            "dict(a=hp.uniform('a', 0, 1), b=[1, 'x'])",
            "({\"a\": hyperopt.hp.uniform('a', 0, 1,), 'b': list((1, u'x')),})",
            "{'a': hp.uniform('a', 0, 1),\r\n'b': [1, r'x']} # end",
            "\u{feff}my_space={'a':hp.uniform('a',0,1),'b':[1,'x']}",
            "{'a': uniform(0, 1), 'b': [1, '\\x78']}",
        ] {
            #expect(try Self.read(text) == space, "\(text)")
        }
    }

    @Test("one parameter becomes a mapping with its label, with a warning")
    func oneParameter() throws {
        let text = "hp.choice('model', [{'type': 'svm', 'C': hp.lognormal('C', 0, 1)}, {'type': 'knn'}])"
        let space = try Self.read(text)
        #expect(Array(space.root.keys) == ["model"])
        #expect(Array(space.parameters.keys) == ["model", "C"])
        #expect(
            Self.messages("\n " + text) == [
                "space.py:2:2: warning: the space is not a mapping; a trial sees its value as \"model\""
            ]
        )
        #expect(try Self.read("hp.uniform('x', -10, 10)").parameters.count == 1)
    }

    @Test(
        "mistakes have their line and column",
        arguments: [
            (
                "{'a': hp.unifrm('a', 0, 1),\n 'b': hp.normal('b', 0)}",
                [
                    "1:7: error: there is no parameter type \"unifrm\"; did you mean \"uniform\"?",
                    "2:7: error: the standard deviation is missing; write sigma: …",
                ]
            ),
            ("{'a': hp.uniform('a', 0, 1)\n 'b': 1}", ["2:2: error: a comma or \"}\" is missing here"]),
            ("{'a': 1,\n 'a': 2}", ["2:2: error: the key \"a\" is there twice"]),
            ("{1: hp.uniform('a', 0, 1)}", ["1:2: error: a key in quotation marks is missing here"]),
            (
                "{'a b': hp.uniform('a', 0, 1)}",
                [
                    "1:2: error: the key \"a b\" cannot name a parameter; "
                        + "use letters, digits, \"_\", \".\" and \"-\", beginning with a letter or \"_\""
                ]
            ),
            (
                "[hp.uniform('a', 0, 1)]",
                [
                    "1:1: error: a search space must be a mapping, {'name': …}, or one parameter with a label, hp.…('name', …)"
                ]
            ),
            ("", ["1:1: error: the expression ends too early: a value is missing here"]),
            ("# nothing\n", ["2:1: error: the expression ends too early: a value is missing here"]),
            (
                "from hyperopt import hp\nspace = {}",
                [
                    "1:1: error: only the search space itself is read; leave out the lines around it"
                ]
            ),
            (
                "{'a': hp.uniform('a', 0, 1)}\nprint(1)",
                ["2:1: error: there is something after the end of the expression"]
            ),
            (
                "{'a': '''x'''}",
                [
                    "1:7: error: texts in three quotation marks are not read; write one pair of quotation marks"
                ]
            ),
            ("{'a': __import__('os').system('true')}", ["1:23: error: a comma or \"}\" is missing here"]),
            (
                "{'a': open('/etc/passwd')}",
                [
                    "1:7: error: there is no parameter type \"open\"; the types are uniform, quniform, loguniform, "
                        + "qloguniform, normal, qnormal, lognormal, qlognormal, uniformint, randint, float, int, choice, pchoice"
                ]
            ),
            (
                "{'a': hp.uniform('x', 0, 1),\n 'b': hp.uniform('x', 0, 1)}",
                [
                    "2:7: error: two parameters have the label \"x\"; give one of them a label of its own"
                ]
            ),
            ("{'a': 1}", ["1:1: error: the search space has no parameter; add at least one"]),
            (
                "{'a': hp.uniform('\u{feff}x', 0, 1)}",
                ["1:18: error: this text holds an invisible byte-order mark (U+FEFF); write it anew"]
            ),
            ("{'a': lambda x: x}", ["1:7: error: \"lambda\" is no value; put quotation marks around a text"]),
        ] as [(String, [String])]
    )
    func mistakes(text: String, messages: [String]) {
        #expect(Self.messages(text) == messages.map { "space.py:\($0)" })
    }

    @Test("places inside of a file are those of the file")
    func places() {
        let messages = Reading.messages(
            Reading.frame + "search_space: |\n  {'a': hp.uniform('a', 0, 1),\n\n   'b': hp.unifrm('b', 0, 1)}\n"
        )
        #expect(
            messages == ["search.yaml:7:9: error: there is no parameter type \"unifrm\"; did you mean \"uniform\"?"]
        )
    }

    @Test("nesting and length end at their limits")
    func limits() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(Self.messages("{'a': \(deep)").count == 1)
        #expect(Self.messages("hp.choice('a', " + String(repeating: "[hp.choice('b', ", count: 60)).count == 1)
        let long = Self.messages(String(repeating: " ", count: ExperimentFile.maximumBytes + 1))
        #expect(long.first?.hasPrefix("space.py:1:1: error: the text is longer than") == true)
    }

    @Test("the whole space may come with the options of a command line")
    func options() throws {
        var options = ExperimentOptions(
            spaceText: "\n{'a': hp.uniform('a', 0, 1)}",
            spaceSource: "space.py",
            command: ["true"],
            metric: "loss",
            goal: "minimize",
            goalValue: 0.5,
            maxTrials: 3,
            workingDirectory: "/"
        )
        let definition = try ExperimentFile.definition(fromOptions: options, defaultSeed: 1).definition
        #expect(Array(definition.searchSpace.parameters.keys) == ["a"])
        #expect(definition.limits.goalValue == 0.5)
        options.spaceText = "\n{'a': hp.unifrm('a', 0, 1)}"
        options.spaces = ["b=[1]"]
        #expect(throws: ExperimentFileErrors.self) {
            try ExperimentFile.definition(fromOptions: options, defaultSeed: 1)
        }
        do {
            _ = try ExperimentFile.definition(fromOptions: options, defaultSeed: 1)
        } catch {
            #expect(
                error.diagnostics.map(\.description) == [
                    "space.py: error: the whole space is given; leave out --space",
                    "space.py:2:7: error: there is no parameter type \"unifrm\"; did you mean \"uniform\"?",
                ]
            )
        }
    }
}
