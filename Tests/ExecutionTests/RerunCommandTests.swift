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
        _ environment: [String: String] = [:]
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
            environment: environment
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
}
