import ExperimentModel
import Glibc
import Testing

@testable import Execution

@Suite("What the end of a container means")
struct ContainerJudgementTests {
    private static func judge(
        _ end: ContainerEnd,
        attached: SpawnedProcess.End = .exited(1),
        news: String? = nil,
        errorTail: String? = nil
    ) -> AttemptOutcome {
        let judgement = ContainerJudgement(
            end: end,
            attached: attached,
            memoryBytes: 64 << 20,
            memoryNews: { news }
        )
        var outcome = AttemptOutcome(cause: .failed, errorTail: errorTail)
        if case .exited(let code) = judgement.status { outcome.exitStatus = code }
        if case .signaled(let signal) = judgement.status { outcome.signal = signal }
        return judgement.apply(to: outcome)
    }

    @Test("the container's own status counts, not that of the engine's program")
    func status() {
        let outcome = Self.judge(.exited(3, isOutOfMemory: false))
        #expect(outcome.cause == .failed && outcome.exitStatus == 3)
        let terminated = Self.judge(.exited(143, isOutOfMemory: false))
        #expect(terminated.message?.contains("signal 15") == true)
    }

    @Test("memory is to blame when the engine says so, or the kernel does and nobody here has killed")
    func memory() {
        #expect(Self.judge(.exited(1, isOutOfMemory: true)).cause == .outOfMemory)
        let seen = Self.judge(.exited(137, isOutOfMemory: false), news: "the kernel counted 1")
        #expect(seen.cause == .outOfMemory && seen.message?.contains("64 MiB") == true)
        #expect(Self.judge(.exited(137, isOutOfMemory: false)).cause == .failed)
        #expect(Self.judge(.exited(1, isOutOfMemory: false), news: "the kernel counted 1").cause == .failed)
    }

    @Test("both killed from outside is a SIGKILL, by which the guard's work is known")
    func guarded() {
        let outcome = Self.judge(.exited(137, isOutOfMemory: false), attached: .signaled(SIGKILL))
        #expect(outcome.signal == SIGKILL && outcome.exitStatus == nil)
        #expect(Self.judge(.vanished, attached: .signaled(SIGKILL)).signal == SIGKILL)
    }

    @Test("what the engine says of a start that failed is in the message")
    func neverStarted() {
        let outcome = Self.judge(.neverStarted(""), attached: .exited(125), errorTail: "Error: workdir does not exist")
        #expect(outcome.message == "the engine could not start the container: Error: workdir does not exist")
        let missing = Self.judge(
            .exited(1, isOutOfMemory: false),
            errorTail: "ERROR (catatonit:6): failed to exec pid1: No such file or directory"
        )
        #expect(missing.message?.hasPrefix("the container could not run the command") == true)
    }

    @Test("an attempt that was stopped keeps its reason, and every one its image")
    func stopped() {
        let judgement = ContainerJudgement(end: .vanished, attached: .exited(1), memoryBytes: nil, memoryNews: { nil })
        let outcome = AttemptOutcome(cause: .cancelled)
        let result = judgement.applied(to: .stopped(.cancelled, outcome), image: "sha256:00")
        #expect(result == .stopped(.cancelled, AttemptOutcome(cause: .cancelled, image: "sha256:00")))
        let late = judgement.applied(to: .finished(AttemptOutcome(cause: .timedOut, message: "m")), image: nil)
        #expect(late.outcome.cause == .timedOut && late.outcome.message == "m")
    }
}
