import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Execution

@Suite("The command that runs a trial again")
struct RerunCommandTests {
    private func line(
        _ command: Command,
        _ assignment: Assignment,
        _ environment: [String: String] = [:],
        style: ArgumentStyle = .append
    ) throws
        -> String
    {
        let parameters = assignment.keys.map { key in
            (key, SpaceNode.parameter(Parameter(label: key, domain: .uniform(low: -5, high: 5))))
        }
        let definition = ExperimentDefinition(
            name: "again",
            command: command,
            searchSpace: try SearchSpace(root: OrderedDictionary(uniqueKeysWithValues: parameters)),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            limits: Limits(maxTrials: 1),
            workingDirectory: "/data/my runs",
            environment: environment,
            argumentStyle: style
        )
        return try RerunCommand.line(definition, assignment)
    }

    @Test("names the directory and the variables, and quotes what a shell would read differently")
    func quoting() throws {
        #expect(
            try line(.arguments(["python", "it's.py"]), ["lr": .double(0.5)], ["B": "2 3", "A": "1"])
                == "cd '/data/my runs' && env A=1 'B=2 3' python 'it'\\''s.py' --lr=0.5"
        )
        #expect(
            try line(.shell("echo \"x={lr}\" | cat"), ["lr": .double(0.5)])
                == "cd '/data/my runs' && /bin/sh -c 'echo \"x=0.5\" | cat'"
        )
    }

    @Test("tells the values by HYPER_PARAMS where no argument does, and shows what would act on a terminal")
    func withoutArguments() throws {
        #expect(
            try line(.arguments(["train"]), ["lr": .double(0.5)], ["A": "1"], style: .none)
                == "cd '/data/my runs' && env A=1 'HYPER_PARAMS={\"lr\":0.5}' train"
        )
        #expect(
            try line(.arguments(["sh", "-c", "echo 'it is' $1\n", "sh", "\u{1B}[2J{lr}"]), ["lr": .double(0.5)])
                == "cd '/data/my runs' && sh -c $'echo \\'it is\\' $1\\U0000000a' sh $'\\U0000001b[2J0.5'"
        )
    }
}
