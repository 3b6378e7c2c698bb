import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Experiment files")
struct ExperimentFileTests {
    private static let digits = """
        name: digits
        command: [python3, train.py, 012, yes, 1e-5, "a b"]
        search_space:
          C: hp.loguniform('C', -4, 6)
          gamma: {type: loguniform, min_value: -12, max_value: 2}
          lr: {type: float, min: 1e-5, max: 1e-1, log: true}
          layers: {type: int, min: 1, max: 5}
          kernel: [rbf, poly]
          degree: {type: int, min: 2, max: 5, when: {kernel: poly}}
        objective: {metric: accuracy, goal: maximize}
        sampler: {type: random, seed: 7}
        limits: {max_trials: 50, max_concurrent_trials: 4, max_duration: 30m, trial_timeout: 1h30m, max_failed_trials: 0}
        retries: {lost: 2, failed: 1, out_of_memory: 0}
        working_directory: ./data/.
        env: {OMP_NUM_THREADS: 1, EMPTY: , FLAG: yes}
        """

    @Test("reads every part of a file")
    func everything() throws {
        let definition = try Reading.definition(Self.digits)
        #expect(definition.name == "digits")
        #expect(definition.command == .arguments(["python3", "train.py", "012", "yes", "1e-5", "a b"]))
        #expect(definition.objective == Objective(metric: "accuracy", goal: .maximize))
        #expect(definition.sampler == SamplerSpecification(kind: .random, seed: 7))
        let limits = Limits(
            maxTrials: 50,
            maxConcurrentTrials: 4,
            maxDurationSeconds: 1800,
            trialTimeoutSeconds: 5400,
            maxFailedTrials: 0
        )
        #expect(definition.limits == limits)
        #expect(definition.retries == RetryLimits(charges: [.lost: 2, .failed: 1, .outOfMemory: 0]))
        #expect(definition.workingDirectory == "/home/user/digits/data")
        #expect(definition.environment == ["OMP_NUM_THREADS": "1", "EMPTY": "", "FLAG": "yes"])
        let degree = ParameterCondition(clauses: [.init(label: "kernel", values: ["poly"])])
        let parameters: [Parameter] = [
            Parameter(label: "C", domain: .logUniform(low: -4, high: 6)),
            Parameter(label: "gamma", domain: .logUniform(low: -12, high: 2)),
            Parameter(label: "lr", domain: .float(min: 1e-5, max: 1e-1, isLog: true, step: nil)),
            Parameter(label: "layers", domain: .integer(min: 1, max: 5, isLog: false, step: nil)),
            Parameter(label: "kernel", domain: .choice([.constant("rbf"), .constant("poly")])),
            Parameter(label: "degree", domain: .integer(min: 2, max: 5, isLog: false, step: nil), condition: degree),
        ]
        #expect(Array(definition.searchSpace.parameters.values) == parameters)
        #expect(Array(definition.searchSpace.root.keys) == parameters.map(\.label))
    }

    @Test("fills in what may be left out")
    func defaults() throws {
        let definition = try Reading.definition(Reading.frame + "search_space: {x: 'uniform(0, 1)'}")
        #expect(definition.name == "search")
        #expect(definition.sampler == SamplerSpecification(kind: SamplerSpecification.defaultKind, seed: 99))
        #expect(definition.limits == Limits(maxTrials: 3))
        #expect(definition.retries == RetryLimits())
        #expect(definition.workingDirectory == "/home/user/digits")
        #expect(definition.environment.isEmpty)
    }

    @Test("a text is a command for the shell, and a sampler may be a bare name")
    func otherForms() throws {
        let definition = try Reading.definition(
            """
            command: |
              python3 train.py | tee log
            search_space: {"x": "uniform(0, 1)"}
            objective: {metric: loss, goal: minimize}
            limits: {max_duration: 90}
            sampler: random
            working_directory: /data//x/../y/
            """
        )
        #expect(definition.command == .shell("python3 train.py | tee log\n"))
        #expect(definition.limits.maxDurationSeconds == 90)
        #expect(definition.workingDirectory == "/data/x/../y")
    }

    @Test("a file may be JSON, with tabs")
    func json() throws {
        let text = """
            {\t"command": ["true"], "search_space": {"x": {"type": "int", "min": 1, "max": 3}},
            \t"objective": {"metric": "loss", "goal": "minimize"}, "limits": {"max_trials": 3}}
            """
        #expect(try Reading.definition(text).searchSpace.parameters.count == 1)
    }

    @Test("reports every mistake at once, each with its place")
    func everyMistake() {
        let text = """
            nmae: digits
            command: [python3, train.py]
            search_space:
              C: hp.logunifrm('C', -4, 6)
              lr: {type: float, min: 0.1, max: 1e-5, log: true}
              layers: {type: int, min: 1, max: 012}
              kernel: []
              degree: {type: int, min: 2, max: 5, when: {kernle: poly}}
            objective: {metric: step, goal: maximise}
            limits: {max_trials: 1_000, trial_timeout: 5 minutes}
            early_termination: {type: bandit}
            """
        #expect(
            Reading.messages(text) == [
                #"search.yaml:1:1: error: unknown key "nmae"; did you mean "name"?"#,
                #"search.yaml:4:6: error: there is no parameter type "logunifrm"; did you mean "loguniform"?"#,
                #"search.yaml:5:7: error: "lr" has an empty range: the lower bound (0.1) must be below the upper bound (1e-05)"#,
                #"search.yaml:6:36: error: "max" must be a whole number, not "012"; write 12 for a number"#,
                #"search.yaml:7:11: error: the choice "kernel" has no options; give it at least one"#,
                #"search.yaml:8:46: error: the condition of "degree" names "kernle", "#
                    + #"which is no parameter of this search space; did you mean "kernel"?"#,
                #"search.yaml:9:21: error: the metric name "step" is reserved: in a report it is the number of the step; choose another name"#,
                #"search.yaml:9:33: error: the goal must be minimize or maximize, not "maximise"; did you mean "maximize"?"#,
                #"search.yaml:10:22: error: limits.max_trials must be a whole number from 1 to 16777215, "#
                    + #"not the text "1_000"; write 1000 for a number"#,
                #"search.yaml:10:44: error: limits.trial_timeout must be a duration above 0 and up to ten years, "#
                    + #"such as 90s, 30m or 1h30m, not the text "5 minutes""#,
                #"search.yaml:11:20: error: bandit needs slack_factor or slack_amount; write how far behind the best a "#
                    + #"trial may be, such as {type: bandit, slack_factor: 0.1}"#,
            ]
        )
    }

    @Test("says what is missing")
    func missing() {
        let messages = Reading.messages("name: x\n")
        #expect(messages.count == 4)
        for key in ["command", "search_space", "objective", "limits"] {
            #expect(messages.contains { $0.hasPrefix("search.yaml:1:1: error: \(key) is missing; ") })
        }
        let unlimited = Reading.messages(
            "command: x\nsearch_space: {x: [1, 2]}\nobjective: {goal: minimize}\nlimits: {max_failed_trials: 1}\n"
        )
        #expect(unlimited.count == 2)
        #expect(unlimited.first == "search.yaml:3:12: error: objective.metric is missing; write the name of the metric")
        #expect(unlimited.last?.contains("limits.max_trials and limits.max_duration") == true)
    }

    @Test(
        "every key of the format that is not read is named as such",
        arguments: [
            "warm_start"
        ]
    )
    func later(key: String) {
        let messages = Reading.messages(Reading.frame + "search_space: {x: [1, 2]}\n\(key): 1\n")
        #expect(messages == ["search.yaml:5:1: error: \"\(key)\" is not supported by this version; remove it"])
    }

    @Test(
        "a sampler of the format that is not there is an error, never another one",
        arguments: [
            "tpe", "sobol", "gp", "auto", "{type: tpe, seed: 1}", "rnadom", "[random]", "{seed: -1}",
            "{seed: 1.5}", "{sed: 1}",
            "{seed: '1'}", "{seed: 18446744073709551616}",
        ]
    )
    func samplers(sampler: String) {
        let messages = Reading.messages(Reading.frame + "search_space: {x: [1, 2]}\nsampler: \(sampler)\n")
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("search.yaml:5:") == true)
    }

    @Test("seeds use all 64 bits")
    func largestSeed() throws {
        let text = Reading.frame + "search_space: {x: [1, 2]}\nsampler: {seed: 18446744073709551615}\n"
        #expect(try Reading.definition(text).sampler.seed == .max)
    }

    @Test(
        "commands that run nothing are errors",
        arguments: [
            "[]", "''", "'  '", "[python3, ]", "['', a]", "{a: b}", "[a, [b]]", "[a, ~, -]", "\"a\\0b\"", "[\"a\\0b\"]",
        ]
    )
    func commands(command: String) throws {
        let text =
            "command: \(command)\nsearch_space: {x: [1, 2]}\nobjective: {metric: l, goal: minimize}\nlimits: {max_trials: 1}\n"
        // A comma at the end of a list adds nothing, and "~" is an argument like any other.
        if ["[python3, ]", "[a, ~, -]"].contains(command) {
            _ = try Reading.definition(text)
        } else {
            #expect(Reading.messages(text).count == 1)
        }
    }

    @Test(
        "durations",
        arguments: [
            ("30m", 1800), ("90s", 90), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("500ms", 0.5), ("45", 45),
            ("0.5", 0.5),
            ("'5m'", 300), ("1.5h", 5400),
        ] as [(String, Double)]
    )
    func durations(text: String, seconds: Double) throws {
        let file =
            "command: a\nsearch_space: {x: [1, 2]}\nobjective: {metric: l, goal: minimize}\nlimits: {max_duration: \(text)}\n"
        #expect(try Reading.definition(file).limits.maxDurationSeconds == seconds)
    }

    @Test(
        "durations that are none",
        arguments: [
            "0", "-1s", "5 m", "m", "30M", "1m1h", "1m2m", "1h30", "1e400", "99999d", ".5h", "~", "[1]", "12:30",
            "5m30",
        ]
    )
    func noDurations(text: String) {
        let file =
            "command: a\nsearch_space: {x: [1, 2]}\nobjective: {metric: l, goal: minimize}\nlimits: {max_duration: \(text)}\n"
        #expect(Reading.messages(file).count == 1)
        #expect(
            Reading.messages(file).first?.hasPrefix("search.yaml:4:24: error: limits.max_duration must be a duration")
                == true
        )
    }

    @Test("the caller's check of the command is reported at the command")
    func commandCheck() {
        #expect(
            throws: ExperimentFileErrors(diagnostics: [
                Diagnostic(
                    position: SourcePosition(source: "f", line: 1, column: 10),
                    severity: .error,
                    message: "no parameter y"
                )
            ])
        ) {
            try ExperimentFile.read(
                text:
                    "command: [a, '{y?}']\nsearch_space: {x: [1]}\nobjective: {metric: l, goal: minimize}\nlimits: {max_trials: 1}",
                fileName: "f",
                directory: "/",
                defaultSeed: 0
            ) { command, space, inputs, style in
                #expect(inputs == [:] && style == .append)
                #expect(command == .arguments(["a", "{y?}"]))
                return space.parameters.keys.contains("y") ? [] : ["no parameter y"]
            }
        }
    }

    @Test("names that would confuse are errors", arguments: ["last", "''", "\"a\\nb\"", "[a]", "~"])
    func names(name: String) {
        #expect(Reading.messages(Reading.frame + "search_space: {x: [1, 2]}\nname: \(name)\n").count == 1)
    }
}
