import ArgumentParser
import CommandLineSupport
import Execution
import ExperimentFile
import ExperimentModel
import Foundation

/// An experiment that is given on the command line instead of in a file.
struct DefinitionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A parameter, as in 'lr=loguniform(-7,0)'; repeatable.", valueName: "name=expr"))
    var space: [String] = []

    @Option(
        help: ArgumentHelp("A whole search space as Python writes it for hyperopt: {'lr': hp.…}.", valueName: "file"),
        completion: .file()
    )
    var spaceFile: String?

    @Option(help: "Name of the metric to optimise.")
    var metric: String?

    @Option(help: "minimize or maximize.", completion: .list(Objective.Goal.allCases.map(\.rawValue)))
    var goal: String?

    @Option(help: "End with the first trial as good as this.")
    var goalValue: Double?

    @Option(help: "Trials to run.")
    var maxTrials: Int?

    @Option(help: "Time to take, such as 30m or 2h.")
    var maxDuration: String?

    @Option(help: "Time that one attempt may take, such as 5m.")
    var trialTimeout: String?

    @Option(
        help: "How suggestions are made: \(Self.samplers).",
        completion: .list(SamplerSpecification.Kind.allCases.map(\.rawValue))
    )
    var sampler: String?

    @Option(
        help: ArgumentHelp(
            """
            Stop poor trials early: \(Self.policies). With settings as in bandit:slack_factor=0.1,delay_evaluation=5; repeated: \
            the first that wants it stops. In place of the file's early_termination.
            """,
            valueName: "policy"
        ),
        completion: .list(PolicySpecification.Kind.allCases.map(\.rawValue))
    )
    var policy: [String] = []

    @Option(help: "Seed of every draw.")
    var seed: UInt64?

    @Option(help: "Name of the experiment.")
    var name: String?

    @Option(help: "Image of a container to run every trial in.")
    var image: String?

    @Option(
        help: ArgumentHelp(
            "Files of which every trial gets a copy to run in: a directory, a zip or tar archive, or git+https://….",
            valueName: "path"
        ),
        completion: .directory
    )
    var workspace: String?

    @Option(help: ArgumentHelp("A label that a worker must have; repeatable.", valueName: "name=value"))
    var require: [String] = []

    private static let samplers = SamplerSpecification.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    private static let policies = PolicySpecification.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    /// Whether anything was given.
    var isGiven: Bool { !given.isEmpty || !policy.isEmpty }

    /// The options that were given, but for `--policy`, which goes with a file too.
    var given: [String] {
        let all: [(String, Bool)] = [
            ("--space", !space.isEmpty), ("--space-file", spaceFile != nil), ("--metric", metric != nil),
            ("--goal", goal != nil), ("--goal-value", goalValue != nil), ("--max-trials", maxTrials != nil),
            ("--max-duration", maxDuration != nil), ("--trial-timeout", trialTimeout != nil),
            ("--sampler", sampler != nil), ("--seed", seed != nil), ("--name", name != nil),
            ("--image", image != nil), ("--workspace", workspace != nil), ("--require", !require.isEmpty),
        ]
        return all.filter(\.1).map(\.0)
    }

    /// The definition of an experiment that runs `command`.
    /// - Throws: ``ProgramFailure`` with every mistake.
    func definition(command: [String]) throws -> ExperimentDefinition {
        if spaceFile != nil, !space.isEmpty {
            throw ValidationError("--space and --space-file are two ways to give the search space; use one of them.")
        }
        let text = try spaceFile.map { try DefinitionReading.text(of: $0) }
        let options = ExperimentOptions(
            spaces: space,
            spaceText: text,
            spaceSource: spaceFile ?? "--space-file",
            command: command,
            metric: metric,
            goal: goal,
            goalValue: goalValue,
            sampler: sampler,
            policies: policy,
            seed: seed,
            maxTrials: maxTrials,
            maxDuration: maxDuration,
            trialTimeout: trialTimeout,
            name: name,
            image: image,
            workspace: workspace,
            requires: require,
            workingDirectory: FileManager.default.currentDirectoryPath
        )
        return try DefinitionReading.definition { () throws(ExperimentFileErrors) in
            try ExperimentFile.definition(
                fromOptions: options,
                defaultSeed: .random(in: .min ... .max),
                checkCommand: CommandTemplate.problems
            )
        }
    }
}
