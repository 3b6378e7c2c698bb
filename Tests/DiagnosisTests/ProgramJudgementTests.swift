import Execution
import ExperimentModel
import Foundation
import Testing

@testable import Diagnosis

@Suite("Judging other programs")
struct ProgramJudgementTests {
    @Test("a container runtime is never needed")
    func containers() {
        func judge(_ answer: ProbedProgram.Answer) -> Finding {
            ContainerRuntime.docker.judge(answer, path: "/bin/docker", cgroups: "cgroup v2")
        }
        #expect(judge(.missing).level == .skip)
        #expect(judge(.said("28.2.2\n")).detail == "/bin/docker, version 28.2.2, cgroup v2")
        #expect(
            judge(.failed("\nCannot connect\nhint", ending: "exited with status 1")).detail.hasSuffix("Cannot connect")
        )
        #expect(judge(.failed("", ending: "was killed by signal 9")).detail.hasSuffix("was killed by signal 9"))
        #expect(judge(.late).level == .warn)
    }

    @Test("an engine that answers is tried, and told of what it cannot limit")
    func engines() {
        func judge(_ start: EngineProbe.Start, memory: Bool? = true) -> [Finding] {
            let facts = EngineFacts(version: "9", isRootless: true, limitsMemory: memory, cgroupVersion: "v2")
            return ContainerTrial.judge(.podman, EngineProbe(facts: facts, start: start))
        }
        #expect(judge(.works).map(\.level) == [.ok] && judge(.works)[0].detail.contains("rootless"))
        #expect(judge(.noImage).map(\.level) == [.skip] && judge(.notTried).isEmpty)
        let broken = judge(.fails("crun: no cgroup"), memory: false)
        #expect(broken.map(\.name) == ["podman_start", "podman_limits"] && broken.allSatisfy { $0.level == .warn })
        #expect(broken[0].detail.contains("crun: no cgroup") && broken[1].detail.contains("environment.memory of"))
        #expect(ContainerTrial.judge(.docker, nil).isEmpty)
    }

    @Test("GPUs by their tool, by their devices, or none")
    func gpus() {
        #expect(GraphicsProcessors.judge(.init()).map(\.level) == [.skip])
        let cards = GraphicsProcessors.judge(.init(nvidiaTool: .said("A100, 40 GB\nA100, 40 GB\n")))
        #expect(cards.map(\.detail) == ["2 GPUs: A100, 40 GB, A100, 40 GB"])
        let bare = GraphicsProcessors.judge(.init(nvidiaDevices: ["/dev/nvidia0"]))
        #expect(bare.map(\.level) == [.warn])
        #expect(GraphicsProcessors.judge(.init(hasROCmDevice: true)).map(\.name) == ["gpus_amd"])
        let hidden = GraphicsProcessors.judge(.init(nvidiaTool: .said("A100"), visibleDevices: ""))
        #expect(hidden.map(\.level) == [.ok, .warn])
        let broken = GraphicsProcessors.judge(.init(nvidiaTool: .failed("Driver mismatch", ending: "x")))
        #expect(broken.first?.detail == "nvidia-smi fails: Driver mismatch")
    }

    @Test("hyperworker must be there, and should be of this version")
    func worker() {
        func judge(_ answer: ProbedProgram.Answer) -> Finding.Level {
            WorkerVersion.judge(answer, path: "/bin/hyperworker", expected: "0.1.0").level
        }
        #expect(judge(.missing) == .fail)
        #expect(judge(.said("0.1.0\n")) == .ok)
        #expect(judge(.said("0.0.9\n")) == .warn)
        #expect(judge(.failed("", ending: "was killed by signal 4")) == .fail)
        #expect(judge(.late) == .warn)
    }

    @Test("a program that hangs is killed, and no connection string reaches one")
    func hangingProgram() async {
        let late = await ProbedProgram.ask("/bin/sleep", ["600"], environment: [:], within: .milliseconds(50))
        #expect(late == .late)
        let variables = ["HYPER_MONGO_URI": "mongodb://u:p@h/", "KEPT": "1"]
        let said = await ProbedProgram.ask("/usr/bin/env", [], environment: variables, within: .seconds(60))
        #expect(said == .said("KEPT=1\n"))
        let missing = await ProbedProgram.ask(nil, [], environment: [:], within: .seconds(1))
        #expect(missing == .missing)
    }

    @Test("a program is looked for in absolute directories of PATH alone")
    func lookup() {
        #expect(ProbedProgram.find("sh", environment: ["PATH": "relative:/no-such:/bin"]) == "/bin/sh")
        #expect(ProbedProgram.find("bin", environment: ["PATH": "/usr"]) == nil)
        #expect(ProbedProgram.find("sh", environment: [:]) == nil)
    }
}
