import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Experiments from options")
struct ExperimentOptionsTests {
    private static func options(_ spaces: [String]) -> ExperimentOptions {
        ExperimentOptions(
            spaces: spaces,
            command: ["python3", "train.py", "", "~", "012"],
            metric: "loss",
            goal: "minimize",
            maxTrials: 30,
            workingDirectory: "/home/user/digits"
        )
    }

    private static func messages(_ options: ExperimentOptions) -> [String] {
        do throws(ExperimentFileErrors) {
            return try ExperimentFile.definition(fromOptions: options, defaultSeed: 5).warnings.map(\.description)
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    @Test("options make the same definition as a file")
    func same() throws {
        var options = Self.options([
            "x=uniform(-5,5)", "k=[rbf, poly]", "d={type: int, min: 1, max: 3, when: {k: rbf}}",
            "m=hp.choice('m', [{'a': 1}, {'b': 2}])",
        ])
        options.maxDuration = "30m"
        options.seed = 8
        options.name = "mine"
        let definition = try ExperimentFile.definition(fromOptions: options, defaultSeed: 5).definition
        let file = try Reading.definition(
            """
            name: mine
            command: [python3, train.py, '', '~', '012']
            search_space:
              x: uniform(-5,5)
              k: [rbf, poly]
              d: {type: int, min: 1, max: 3, when: {k: rbf}}
              m: "hp.choice('m', [{'a': 1}, {'b': 2}])"
            objective: {metric: loss, goal: minimize}
            limits: {max_trials: 30, max_duration: 30m}
            sampler: {seed: 8}
            """
        )
        #expect(definition == file)
    }

    @Test("the name is that of the directory, and the seed the caller's")
    func defaults() throws {
        let definition = try ExperimentFile.definition(fromOptions: Self.options(["x=[1,2]"]), defaultSeed: 5)
            .definition
        #expect(definition.name == "digits")
        #expect(definition.sampler.seed == 5)
    }

    @Test("mistakes name their option, all at once")
    func mistakes() {
        var options = Self.options(["x=unifrm(-5,5)", "y", "z=[1,", "1=[1]", "x=[1]"])
        options.goal = "min"
        options.maxTrials = 0
        options.maxDuration = "soon"
        options.sampler = "tpe"
        let messages = Self.messages(options)
        #expect(messages.count == 9)
        #expect(
            messages.contains(
                "--space 'x=unifrm(-5,5)': error: there is no parameter type \"unifrm\"; did you mean \"uniform\"?"
            )
        )
        #expect(messages.contains("--space 'y': error: write a name, \"=\" and a parameter, such as x=uniform(-5, 5)"))
        #expect(messages.contains("--space 'x=[1]': error: the parameter \"x\" is there twice"))
        #expect(messages.contains { $0.hasPrefix("--space 'z=[1,'") })
        #expect(messages.contains { $0.hasPrefix("--space '1=[1]': error: the key ") })
        #expect(
            messages.contains(
                "--goal: error: the goal must be minimize or maximize, not \"min\"; did you mean \"minimize\"?"
            )
        )
        #expect(
            messages.contains { $0.hasPrefix("--max-trials: error: limits.max_trials must be a whole number from 1 ") }
        )
        #expect(messages.contains { $0.hasPrefix("--max-duration: error: ") })
        #expect(
            messages.contains(
                "--sampler: error: the sampler \"tpe\" is not supported by this version; use random, grid, tpe-hyperopt"
            )
        )
    }

    @Test("what is required is asked for")
    func missing() {
        let messages = Self.messages(ExperimentOptions(spaces: [], command: [], workingDirectory: "/"))
        #expect(messages.count == 5)
        #expect(messages.contains { $0.contains("no parameter; add at least one") })
        #expect(
            messages.contains("--max-trials and --max-duration: error: the experiment needs an end: add one of them")
        )
    }

    @Test("where trials run is given by options as by the keys of a file")
    func places() throws {
        func read(_ requires: [String], workspace: String = ".") throws -> ExperimentDefinition {
            try ExperimentFile.definition(
                fromOptions: ExperimentOptions(
                    spaces: ["x=uniform(0, 1)"],
                    command: ["true"],
                    metric: "loss",
                    goal: "minimize",
                    maxTrials: 1,
                    image: "python:3.12",
                    workspace: workspace,
                    requires: requires,
                    workingDirectory: "/home/me"
                ),
                defaultSeed: 1
            ).definition
        }
        let definition = try read(["machine=K80", "zone=a=b"])
        #expect(definition.container == ContainerSpecification(source: .image("python:3.12")))
        #expect(definition.workspace?.source == .path("/home/me") && definition.workingDirectory.isEmpty)
        #expect(definition.requiredLabels == ["machine": "K80", "zone": "a=b"])
        let error = #expect(throws: ExperimentFileErrors.self) { try read(["K80", "a=1", "a=2"], workspace: "~/src") }
        let messages = error?.diagnostics.map(\.description) ?? []
        #expect(messages.count == 3, "\(messages)")
        #expect(messages.contains { $0.hasPrefix("--require 'K80': error: write a label") })
        #expect(messages.contains { $0.hasPrefix("--require 'a=2': error: the label \"a\" is there twice") })
        #expect(messages.contains { $0.hasPrefix("--workspace: error: workspace must be a path") })
    }
}
