import ExperimentModel
import Foundation
import Logging
import Testing

@testable import Execution

/// A program called `podman` that notes what it is asked, and answers as a test wants it to.
private struct StandInEngine {
    let lab: Lab
    let folder: String
    let executor: ProcessTrialExecutor

    /// - Parameter answers: for the first word of a call, what a shell runs instead.
    init(_ answers: [String: String] = [:], secrets: [String: String] = [:]) throws {
        lab = try Lab()
        folder = lab.directory.path + "/engine"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var cases = [
            "info": #"echo '{"host": {"security": {"rootless": false}}, "version": {"Version": "9.9"}}'"#,
            "image": "echo 00ff",
            "create":
                "env >\"$D/variables\"; while [ $# -gt 0 ]; do [ \"$1\" = --env-file ] && cp \"$2\" \"$D/file\"; shift; done",
            "start": #"echo '{"loss": 0.25}'"#,
            "container": #"echo '[{"Id": "1", "State": {"Status": "exited", "Running": false, "ExitCode": 0}}]'"#,
        ]
        cases.merge(answers) { $1 }
        let branches = cases.map { "\($0)) \($1) ;;\n" }.joined()
        let script = "#!/bin/sh\nD=\(folder)\nprintf '%s\\n' \"$*\" >>\"$D/calls\"\ncase $1 in\n\(branches)esac\n"
        let program = folder + "/podman"
        try script.write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let inherited = ["PATH": "\(folder):/usr/bin:/bin", "HYPER_MONGO_URI": "secret", "HOME": "/the/worker"]
        executor = try ProcessTrialExecutor(
            settings: .init(
                workDirectory: lab.directory.path + "/work",
                host: "testhost",
                secrets: Secrets(secrets),
                engines: EngineSearch(.automatic, inherited: inherited, logger: logger)
            ),
            inherited: inherited,
            memoryKills: MemoryKillWatch(counters: []),
            logger: logger
        )
    }

    func run(
        _ container: ContainerSpecification = ContainerSpecification(source: .image("train:1")),
        change: (inout ExperimentDefinition) -> Void = { _ in }
    ) async throws -> AttemptResult {
        var request = try lab.request(.arguments(["train", "{x}"]))
        request.definition.container = container
        change(&request.definition)
        return await executor.run(request, control: lab.control, sink: lab.sink)
    }

    func file(_ name: String) -> String {
        (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)) ?? ""
    }

    /// The first words of all calls, in order.
    var calls: [String] { file("calls").split(separator: "\n").map { String($0.prefix { $0 != " " }) } }
}

@Suite("An attempt in a container", .timeLimit(.minutes(1)))
struct ContainerAttemptTests {
    @Test("is made, followed, asked about and removed, and what it prints counts as that of a process")
    func success() async throws {
        let engine = try StandInEngine()
        let result = try await engine.run()
        #expect(result.outcome.cause == .succeeded && result.outcome.value == 0.25)
        #expect(result.outcome.image == "sha256:00ff" && result.outcome.arguments == ["train", "0.5"])
        #expect(engine.calls == ["info", "image", "create", "start", "container", "rm"])
        #expect(engine.file("calls").contains("rm --force --volumes --time 0 hyper-es1a2b3c4-7-1-"))
    }

    @Test("gets its variables and secrets without one of them in an argument, and none of the worker's")
    func variables() async throws {
        let engine = try StandInEngine(secrets: ["TOKEN": "tok-5ecret"])
        _ = try await engine.run(
            ContainerSpecification(source: .image("i"), variables: ["PATH": "/opt/bin", "A": "container-5ecret"])
        ) {
            $0.environment = ["A": "experiment", "B": "b-5ecret"]
            $0.secretEnvironment = ["TOKEN"]
        }
        let variables = engine.file("variables").split(separator: "\n").map(String.init)
        #expect(variables.contains("TOKEN=tok-5ecret") && variables.contains("A=container-5ecret"))
        #expect(variables.contains("B=b-5ecret") && variables.contains("HYPER_TRIAL_ID=7"))
        // The engine's own, with which it finds what it needs.
        #expect(variables.contains("HOME=/the/worker") && !engine.file("variables").contains("HYPER_MONGO_URI"))
        #expect(engine.file("file") == "PATH=/opt/bin\n")
        let calls = engine.file("calls")
        #expect(!calls.contains("5ecret") && !calls.contains("--env HOME") && calls.contains("--env TOKEN"))
        let left = try FileManager.default.contentsOfDirectory(atPath: engine.lab.directory.path + "/work/.engine")
        #expect(left.isEmpty)
    }

    @Test("fails with the engine's words when the engine refuses to make it, and nothing is started")
    func refusedByEngine() async throws {
        let engine = try StandInEngine(["create": "echo 'Error: network not found' >&2; exit 125"])
        let result = try await engine.run()
        guard case .finished(let outcome) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(outcome.cause == .failed && outcome.message?.contains("network not found") == true)
        #expect(!engine.calls.contains("start"))
    }

    @Test("is given back when the engine has gone: that is no fault of the trial")
    func engineAway() async throws {
        let away = "echo 'Cannot connect' >&2; exit 125"
        let info = #"[ -e "$D/gone" ] && exit 125; echo '{"host": {}, "version": {"Version": "9"}}'"#
        let engine = try StandInEngine(["create": "touch \"$D/gone\"; \(away)", "info": info])
        guard case .refused(let outcome) = try await engine.run() else {
            Issue.record("not refused")
            return
        }
        #expect(outcome.cause == .drained && outcome.message?.contains("podman info") == true)
    }

    @Test("is not tried without an engine, and without leave to pull")
    func missing() async throws {
        let engine = try StandInEngine(["info": "echo 'no cgroups' >&2; exit 1"])
        guard case .refused(let outcome) = try await engine.run() else {
            Issue.record("not refused")
            return
        }
        #expect(outcome.message?.contains("no cgroups") == true)
        let noImage = try StandInEngine(["image": "echo 'Error: train:1: image not known' >&2; exit 125"])
        let result = try await noImage.run(ContainerSpecification(source: .image("train:1"), pull: .never))
        #expect(result.outcome.cause == .failed && !noImage.calls.contains("pull"))
        #expect(result.outcome.message?.contains("pull: never") == true)
    }

    @Test("has run out of memory when the engine's monitor has noted it, and not when it was merely killed")
    func memoryNote() async throws {
        let killed = #"echo '[{"Id": "1", "State": {"Status": "exited", "Running": false, "ExitCode": 137}}]'"#
        let noting = try StandInEngine(["start": "touch oom; exit 137", "container": killed])
        let outcome = try await noting.run().outcome
        #expect(outcome.cause == .outOfMemory && outcome.message?.contains("monitor of its container noted") == true)
        let silent = try StandInEngine(["start": "exit 137", "container": killed])
        let other = try await silent.run().outcome
        #expect(other.cause == .failed && other.exitStatus == 137)
    }

    @Test("runs without an init where the engine has none")
    func withoutInit() async throws {
        let create = #"case "$*" in *--init*) echo 'container-init binary not found on the host' >&2; exit 125;; esac"#
        let engine = try StandInEngine(["create": create])
        let result = try await engine.run()
        #expect(result.outcome.cause == .succeeded)
        #expect(engine.calls.filter { $0 == "create" }.count == 2)
    }

    @Test("that does not start tells what the engine said")
    func notStarted() async throws {
        let engine = try StandInEngine([
            "start": "echo 'Error: workdir does not exist' >&2; exit 125",
            "container": #"echo '[{"Id": "1", "State": {"Status": "created", "Running": false, "ExitCode": 0}}]'"#,
        ])
        let result = try await engine.run()
        #expect(result.outcome.cause == .failed && engine.calls.last == "rm")
        #expect(result.outcome.message?.contains("workdir does not exist") == true)
    }

    @Test("is stopped by the engine, and the signal is tried again while it is only about to start")
    func stopped() async throws {
        let engine = try StandInEngine([
            "start": "echo $$ >\"$D/process\"; echo up; exec sleep 100",
            "kill": "[ -e \"$D/tried\" ] || { touch \"$D/tried\"; exit 125; }; kill -9 \"$(cat \"$D/process\")\"",
            "container": #"echo '[{"Id": "1", "State": {"Status": "exited", "Running": false, "ExitCode": 143}}]'"#,
        ])
        async let running = engine.run()
        await engine.lab.sink.waitForOutput("up")
        engine.lab.control.stop(.cancelled)
        let result = try await running
        #expect(result.outcome.cause == .cancelled && result.outcome.exitStatus == 143)
        #expect(engine.file("calls").components(separatedBy: "kill --signal TERM hyper-").count == 3)
        #expect(engine.calls.last == "rm")
    }

    @Test("is killed when it runs on after the engine's program has ended")
    func detached() async throws {
        let engine = try StandInEngine([
            "start": "exit 1", "container": #"echo '[{"Id": "1", "State": {"Status": "running", "Running": true}}]'"#,
        ])
        let result = try await engine.run()
        #expect(result.outcome.cause == .failed && result.outcome.message?.contains("ran on") == true)
        #expect(engine.calls.last == "rm")
    }

    @Test("sees its own directory where it is outside, and that of the experiment unless it asks for another")
    func places() throws {
        let lab = try Lab()
        var request = try lab.request(.arguments(["true"]), workingDirectory: "/srv/code")
        let directory = try AttemptDirectory(root: "/w", trial: request.trial, attempt: 1)
        func place(_ working: String?) -> ContainerPlace {
            ContainerPlace(request, ContainerSpecification(source: .image("i"), workingDirectory: working), directory)
        }
        let own = ContainerSpecification.Mount(source: directory.path, target: directory.path)
        let code = ContainerSpecification.Mount(source: "/srv/code", target: "/srv/code")
        #expect(place(nil).mounts == [own, code] && place(nil).workingDirectory == "/srv/code")
        #expect(place("/app").mounts == [own] && place("/app").workingDirectory == "/app")
        request.definition.workspace = WorkspaceSpecification(source: .path("/src"))
        request.definition.workingDirectory = "sub"
        #expect(place(nil).mounts == [own] && place(nil).workingDirectory == directory.workspace + "/sub")
        #expect(place("/app").mounts == [own, .init(source: directory.workspace, target: "/app")])
        #expect(place("/app").workingDirectory == "/app/sub")
    }
}
