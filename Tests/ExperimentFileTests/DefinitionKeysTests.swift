import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Keys of a definition")
struct DefinitionKeysTests {
    private static func messages(_ rest: String) -> [String] {
        Reading.messages(Reading.frame + "search_space: {x: [1, 2], y: 'uniform(0, 1)'}\n" + rest)
    }

    private static func definition(_ rest: String) throws -> ExperimentDefinition {
        try Reading.definition(Reading.frame + "search_space: {x: [1, 2], y: 'uniform(0, 1)'}\n" + rest)
    }

    @Test("everything that describes and steers an experiment is read")
    func everything() throws {
        let definition = try Self.definition(
            """
            description: |
              Two lines
              of text
            tags: {team: vision, run: 012, empty: }
            owner: ana@example.org
            priority: -5
            inputs: {data: {type: uri_folder, path: ./images, mode: ro_mount}, epochs: 10, rate: 1e-5, name: 'a b', fast: true}
            arguments: posix
            metrics: [accuracy, loss, f1]
            grace: 1m
            retry_delay: 500ms
            exclusive: true
            store_outage_limit: 90m
            fail_fast: false
            early_termination: {type: none}
            sampler: {type: random}
            """
        )
        #expect(definition.description == "Two lines\nof text\n")
        #expect(definition.tags == ["team": "vision", "run": "012", "empty": ""])
        #expect(definition.owner == "ana@example.org")
        #expect(definition.priority == -5)
        #expect(
            definition.inputs == ["data": "./images", "epochs": 10, "rate": 1e-5, "name": "a b", "fast": true]
        )
        #expect(definition.argumentStyle == .posix)
        #expect(definition.metrics == ["accuracy", "f1"])
        #expect(definition.graceSeconds == 60)
        #expect(definition.retries.firstDelaySeconds == 0.5)
        #expect(try Self.definition("retry_delay: 0\n").retries.firstDelaySeconds == 0)
        #expect(try Self.definition("retries: {failed: 1}\n").retries.firstDelaySeconds == nil)
        #expect(definition.isExclusive)
        #expect(definition.storeOutageLimitSeconds == 5400)
        let plain = try Self.definition("")
        #expect(!plain.isExclusive && plain.storeOutageLimitSeconds == 3600)
        #expect(!definition.limits.isFailFast)
        #expect(definition.sampler.kind == .random)
        #expect(try Self.definition("early_termination: none\n").sampler.kind == SamplerSpecification.defaultKind)
    }

    @Test("the objective may have a goal to reach and a rule")
    func objective() throws {
        let text = """
            command: a
            search_space: {x: [1, 2]}
            objective: {metric: loss, goal: minimize, goal_value: 1e-3, value: best}
            limits: {max_trials: 3}
            """
        let definition = try Reading.definition(text)
        #expect(definition.limits.goalValue == 0.001)
        #expect(definition.objective.valueRule == .best)
        let wrong = text.replacing("1e-3", with: ".inf").replacing("best", with: "bset")
        #expect(
            Reading.messages(wrong) == [
                "search.yaml:3:55: error: objective.goal_value must be a finite number, not the text \".inf\"; "
                    + "infinities and NaN are no values",
                "search.yaml:3:68: error: objective.value must be last or best, not \"bset\"; did you mean \"best\"?",
            ]
        )
    }

    @Test(
        "mistakes have their places",
        arguments: [
            ("tags: [a]", "5:7: error: tags must be a mapping, not a list; write tags: {team: vision}"),
            ("tags: {a: [b]}", "5:11: error: tags.a must be a text, not a list"),
            ("owner: [a]", "5:8: error: owner must be a text, not a list"),
            ("priority: 5000", "5:11: error: priority must be a whole number from -1000 to 1000, not the number 5000"),
            ("inputs: {a: }", "5:13: error: the input \"a\" must be a single value, not nothing"),
            ("inputs: {a: [1]}", "5:13: error: the input \"a\" must be a single value, not a list"),
            (
                "inputs: {a b: 1}",
                "5:10: error: the key \"a b\" cannot name a parameter; use letters, digits, "
                    + "\"_\", \".\" and \"-\", beginning with a letter or \"_\""
            ),
            (
                "inputs: {a: {type: uri_file}}",
                "5:13: error: inputs.a.path is missing; "
                    + "write the path, or the value itself instead of a mapping"
            ),
            ("inputs: {a: {path: b, typ: c}}", "5:23: error: unknown key \"typ\" in inputs.a; did you mean \"type\"?"),
            (
                "arguments: poisx",
                "5:12: error: arguments must be append, posix, none, not \"poisx\"; did you mean \"posix\"?"
            ),
            (
                "metrics: accuracy",
                "5:10: error: metrics must be a list of at most 1000 names, not the text \"accuracy\""
            ),
            (
                "metrics: [a, step]",
                "5:14: error: the metric name \"step\" is reserved: in a report it is the number of the step; choose another name"
            ),
            ("metrics: [a, a]", "5:14: error: the metric \"a\" is there twice"),
            (
                "grace: soon",
                "5:8: error: grace must be a duration above 0 and up to ten years, "
                    + "such as 90s, 30m or 1h30m, not the text \"soon\""
            ),
            (
                "retry_delay: -1",
                "5:14: error: retry_delay must be 0, or a duration up to ten years, such as 90s, 30m or 1h30m, not the number -1"
            ),
            (
                "retry_delay: 301",
                "5:14: error: retry_delay must be at most 300 seconds, which is the longest wait for a repeat"
            ),
            (
                "exclusive: yes",
                "5:12: error: exclusive must be true or false, not the text \"yes\"; write true for a truth value"
            ),
            (
                "store_outage_limit: 0",
                "5:21: error: store_outage_limit must be a duration above 0 and up to ten years, "
                    + "such as 90s, 30m or 1h30m, not the number 0"
            ),
            (
                "fail_fast: no",
                "5:12: error: fail_fast must be true or false, not the text \"no\"; write false for a truth value"
            ),
            ("descripton: a", "5:1: error: unknown key \"descripton\"; did you mean \"description\"?"),
            (
                "max_trials: 20",
                "5:1: error: unknown key \"max_trials\"; it belongs to limits, as in limits: {max_trials: 50}"
            ),
            (
                "retries: {priority: 3}",
                "5:11: error: unknown key \"priority\" in retries; it belongs to the top level of the file"
            ),
            ("retries: {type: 3}", "5:11: error: unknown key \"type\" in retries"),
            (
                "sampler: grid",
                "5:10: error: the sampler grid needs a finite search space, but \"y\" can take any number of values; "
                    + "give a step (float, int) or q (quniform), a list of values, or use another sampler"
            ),
            (
                "sampler: {type: grid, seed: no}",
                "5:29: error: sampler.seed must be a whole number from 0 to "
                    + "18446744073709551615, not the text \"no\"; write false for a truth value"
            ),
        ] as [(String, String)]
    )
    func mistakes(text: String, message: String) {
        #expect(Self.messages(text + "\n") == ["search.yaml:\(message)"])
    }

    @Test("a grid takes every finite space")
    func grid() throws {
        let text =
            Reading.frame
            + "sampler: grid\nsearch_space: {a: 'choice(1,2,3)', b: 'quniform(0, 1, 0.5)', c: 'randint(3)', d: {type: float, min: 0, max: 1, step: 0.1}}\n"
        #expect(try Reading.definition(text).sampler.kind == .grid)
    }

    @Test("a file with eight different mistakes prints eight located errors")
    func eightMistakes() {
        let text = """
            name: digits
            comand: [python3, train.py]
            command: [python3, train.py]
            search_space:
              lr: {type: loguniform, low: -2, high: -9}
              layers: {type: int, min: no, max: 012}
              drop: hp.unifrm('drop', 0, 0.5)
              size: hp.loguniform('size', np.log(1e-5), 0)
            objective: {metric: step, goal: maximize}
            limits: {max_duration: 12:30}
            initial: [{lr: 1e-5, layrs: 3}]
            """
        #expect(
            Reading.messages(text) == [
                #"search.yaml:2:1: error: unknown key "comand"; did you mean "command"?"#,
                #"search.yaml:5:7: error: "lr" has an empty range: the lower bound (-2) must be below the upper bound (-9)"#,
                #"search.yaml:6:28: error: "min" must be a whole number, not "no"; write false for a truth value"#,
                #"search.yaml:6:37: error: "max" must be a whole number, not "012"; write 12 for a number"#,
                #"search.yaml:7:9: error: there is no parameter type "unifrm"; did you mean "uniform"?"#,
                #"search.yaml:8:31: error: "np.log"(…) is not evaluated; write -11.512925464970229, "#
                    + #"or {type: float, min: …, max: …, log: true} for plain bounds"#,
                #"search.yaml:9:21: error: the metric name "step" is reserved: in a report it is the number of the step; choose another name"#,
                #"search.yaml:10:24: error: limits.max_duration must be a duration above 0 and up to ten years, "#
                    + #"such as 90s, 30m or 1h30m, not the text "12:30""#,
            ]
        )
    }
}
