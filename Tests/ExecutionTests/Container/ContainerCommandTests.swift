import ExperimentModel
import Foundation
import Testing

@testable import Execution

@Suite("The arguments that make a container")
struct ContainerCommandTests {
    private static func command(
        _ specification: ContainerSpecification = ContainerSpecification(source: .image("python:3.12")),
        runtime: TrialRuntime = .podman,
        change: (inout ContainerCommand) -> Void = { _ in }
    ) throws -> [String] {
        let identity = ContainerIdentity(
            TrialID(experiment: ExperimentID("es1a2b3c4"), number: 17),
            attempt: 2,
            worker: WorkerID("host:1:00ff"),
            host: "host",
            owner: ProcessIdentity(boot: "b", namespace: "4", process: 9, startTicks: "77")
        )
        var command = ContainerCommand(
            runtime: runtime,
            identity: identity,
            specification: specification,
            image: "sha256:00",
            arguments: ["python", "train.py", "--lr=0.1"],
            ownMounts: [.init(source: "/w/a", target: "/w/a")],
            workingDirectory: "/w/a",
            passedNames: ["A", "HYPER_PARAMS"]
        )
        change(&command)
        return try command.words
    }

    private static func value(of option: String, in words: [String]) -> String? {
        words.firstIndex(of: option).map { words[$0 + 1] }
    }

    @Test("without wishes they are these, word by word")
    func plain() throws {
        let hash = ContainerIdentity.hash("host:1:00ff")
        let words = try Self.command()
        #expect(
            words == [
                "create", "--name", "hyper-es1a2b3c4-17-2-\(hash)", "--pull", "never", "--log-driver", "none", "--init",
                "--label", "hyper.attempt=2", "--label", "hyper.experiment=es1a2b3c4", "--label", "hyper.host=host",
                "--label", "hyper.owner=b 4 9 77", "--label", "hyper.trial=17", "--label", "hyper.worker=host:1:00ff",
                "--security-opt", "no-new-privileges", "--mount", "type=bind,source=/w/a,target=/w/a", "--workdir",
                "/w/a",
                "--env", "A", "--env", "HYPER_PARAMS", "sha256:00", "python", "train.py", "--lr=0.1",
            ]
        )
        #expect(hash.count == 16 && GuardedContainer.isName(words[2]))
    }

    @Test("every wish of a definition is one option, and memory comes without swap")
    func wishes() throws {
        let words = try Self.command(
            ContainerSpecification(
                source: .image("i"),
                user: "1000:100",
                mounts: [
                    .init(source: "/srv/data", target: "/data", isReadOnly: true),
                    .init(source: "cache", target: "/cache"),
                ],
                network: "none",
                memoryBytes: 64 << 20,
                cpus: 1.5,
                sharedMemoryBytes: 1 << 30
            )
        ) {
            $0.variablesFile = "/private/variables"
            $0.defaultUser = "7:7"
            $0.hasFileLabels = true
            $0.hasInit = false
        }
        #expect(Self.value(of: "--user", in: words) == "1000:100")
        #expect(Self.value(of: "--network", in: words) == "none")
        #expect(Self.value(of: "--memory", in: words) == "67108864")
        #expect(Self.value(of: "--memory-swap", in: words) == "67108864")
        #expect(Self.value(of: "--cpus", in: words) == "1.5")
        #expect(Self.value(of: "--shm-size", in: words) == "1073741824")
        #expect(Self.value(of: "--env-file", in: words) == "/private/variables")
        #expect(words.contains("type=bind,source=/srv/data,target=/data,readonly"))
        #expect(words.contains("type=volume,source=cache,target=/cache"))
        #expect(words.contains("label=disable") && !words.contains("--init") && !words.contains("--privileged"))
    }

    @Test(
        "processors are written without an exponent",
        arguments: [(0.01, "0.01"), (0.05, "0.05"), (2, "2"), (4096, "4096"), (1.25, "1.25"), (0.1, "0.1")]
    )
    func processors(cpus: Double, text: String) throws {
        let words = try Self.command(ContainerSpecification(source: .image("i"), cpus: cpus))
        #expect(Self.value(of: "--cpus", in: words) == text)
    }

    @Test("the user is the definition's, else the default")
    func user() throws {
        #expect(Self.value(of: "--user", in: try Self.command { $0.defaultUser = "7:8" }) == "7:8")
        #expect(!(try Self.command()).contains("--user"))
    }

    @Test("an entry point is one program, and the rest of it comes before the command; an empty one is none")
    func entrypoint() throws {
        func tail(_ entrypoint: [String]) throws -> [String] {
            let words = try Self.command(ContainerSpecification(source: .image("i"), entrypoint: entrypoint))
            return Array(words[(words.firstIndex(of: "--entrypoint") ?? 0)...])
        }
        #expect(
            try tail(["/usr/bin/env", "-i"])
                == ["--entrypoint", "/usr/bin/env", "sha256:00", "-i", "python", "train.py", "--lr=0.1"]
        )
        #expect(try tail([]) == ["--entrypoint", "python", "sha256:00", "train.py", "--lr=0.1"])
    }

    @Test("GPUs are asked for in each engine's words")
    func gpus() throws {
        let docker = try Self.command(runtime: .docker) { $0.gpus = ["1", "3"] }
        #expect(Self.value(of: "--gpus", in: docker) == "\"device=1,3\"")
        let podman = try Self.command { $0.gpus = ["1", "3"] }
        #expect(podman.filter { $0.hasPrefix("nvidia.com/gpu=") } == ["nvidia.com/gpu=1", "nvidia.com/gpu=3"])
        let none = try Self.command { $0.gpus = [] }
        #expect(!none.contains("--device") && !none.contains("--gpus"))
    }

    @Test(
        "a path that an engine would take apart is refused, not passed on",
        arguments: ["/a,readonly=false", "/a:b", "/a\"b", "/a\nb"]
    )
    func hostilePaths(path: String) throws {
        #expect(throws: EngineError.unmountable(path: path)) {
            try Self.command { $0.ownMounts = [.init(source: path, target: "/x")] }
        }
    }

    @Test("values of a command are words of their own, whatever they look like")
    func hostileArguments() throws {
        let hostile = ["--privileged", "-v/:/host", "$(reboot)", "a\nb", ""]
        let words = try Self.command { $0.arguments = ["sh"] + hostile }
        // Behind the image nothing is an option.
        #expect(Array(words[((words.firstIndex(of: "sha256:00") ?? 0) + 1)...]) == ["sh"] + hostile)
    }
}
