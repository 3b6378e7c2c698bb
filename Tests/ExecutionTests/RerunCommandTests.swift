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
        style: ArgumentStyle = .append,
        _ change: (inout ExperimentDefinition) -> Void = { _ in }
    ) throws
        -> String
    {
        let parameters = assignment.keys.map { key in
            (key, SpaceNode.parameter(Parameter(label: key, domain: .uniform(low: -5, high: 5))))
        }
        var definition = ExperimentDefinition(
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
        change(&definition)
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

    @Test("a trial in a container is run by one line of an engine, with what the definition asks for")
    func containers() throws {
        let plain = try line(.arguments(["train"]), ["lr": .double(0.5)], ["A": "1"]) {
            $0.container = ContainerSpecification(source: .image("python:3.12"))
        }
        #expect(
            plain
                == "docker run --rm --volume '/data/my runs:/data/my runs' --workdir '/data/my runs' --env A=1 python:3.12 "
                + "train --lr=0.5"
        )
        let full = try line(.shell("echo {lr}"), ["lr": .double(0.5)], ["A": "1"]) {
            $0.container = ContainerSpecification(
                source: .image("a"),
                user: "me",
                mounts: [.init(source: "/srv", target: "/data", isReadOnly: true)],
                variables: ["A": "2"],
                network: "none",
                memoryBytes: 1 << 30,
                cpus: 1.5,
                sharedMemoryBytes: 4096,
                entrypoint: ["/bin/env", "-i"],
                workingDirectory: "/app"
            )
            $0.workspace = WorkspaceSpecification(source: .path("/home/me"))
            $0.workingDirectory = "sub"
            $0.secretEnvironment = ["TOKEN"]
        }
        #expect(
            full
                == "docker run --rm --volume /home/me:/app --workdir /app/sub --volume /srv:/data:ro --env A=2 --env TOKEN "
                + "--user me --network none --memory 1073741824 --cpus 1.5 --shm-size 4096 --entrypoint /bin/env a -i "
                + "/bin/sh -c 'echo 0.5'"
        )
    }

    @Test("an image that is built is built first, and a repository stands for its checkout")
    func builds() throws {
        let built = try line(.arguments(["train"]), ["lr": .double(0.5)]) {
            $0.container = ContainerSpecification(source: .dockerfile("d/Dockerfile"), entrypoint: [])
            $0.workspace = WorkspaceSpecification(
                source: .git(url: "https://git.example/lab/train.git", reference: "main", subdirectory: "a b")
            )
            $0.workingDirectory = ""
        }
        #expect(
            built == "docker run --rm --volume './train/a b:/workspace' --workdir /workspace --entrypoint train "
                + "\"$(docker build --quiet --file './train/a b/d/Dockerfile' './train/a b')\" --lr=0.5"
        )
        let checkout = try line(.arguments(["train"]), ["lr": .double(0.5)]) {
            $0.workspace = WorkspaceSpecification(
                source: .git(url: "https://git.example/lab/train", reference: nil, subdirectory: nil)
            )
            $0.workingDirectory = "sub"
        }
        #expect(checkout == "cd train/sub && train --lr=0.5")
    }
}
