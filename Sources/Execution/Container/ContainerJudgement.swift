import ExperimentModel
import Glibc

/// What the end of a container means for its attempt, on top of what its output and its reports say.
struct ContainerJudgement: Sendable {
    /// What engines' programs exit with when it is they who failed.
    static let engineStatuses: ClosedRange<Int32> = 125...127
    /// What a container ends with whose process was killed.
    static let statusOfKilled: Int32 = 128 + SIGKILL

    var end: ContainerEnd
    /// How the engine's program ended that was attached to it.
    var attached: SpawnedProcess.End
    var memoryBytes: Int64?
    /// That the kernel killed something for want of memory meanwhile, in words; asked when it matters.
    var memoryNews: @Sendable () -> String?

    /// What stands in for the end of a process.
    var status: SpawnedProcess.End {
        if case .exited(let code, _) = end { return .exited(code) }
        // The program, and what it was attached to, were killed: by the guard, or by somebody else.
        if attached == .signaled(SIGKILL) { return attached }
        switch end {
        case .exited(let code, _): return .exited(code)
        case .wasRunning: return .exited(Self.statusOfKilled)
        case .neverStarted, .vanished, .unknown: return attached
        }
    }

    /// The outcome with what is known of the container, of an attempt that nobody ended.
    func apply(to outcome: AttemptOutcome) -> AttemptOutcome {
        var outcome = outcome
        switch end {
        case .exited(0, _): return outcome
        case .exited(let code, let isOutOfMemory):
            if let evidence = memoryEvidence(code, isOutOfMemory) {
                outcome.cause = .outOfMemory
                outcome.message = evidence
            } else if attached == .signaled(SIGKILL), code == Self.statusOfKilled {
                // The guard kills both; whose lease could not be renewed is recognised by the signal.
                outcome.exitStatus = nil
                outcome.signal = SIGKILL
            } else if let words = Self.complaintOfInit(outcome.errorTail) {
                outcome.message = "the container could not run the command (exit status \(code)): \(words)"
            } else if code > 128, code < 128 + 65 {
                outcome.message =
                    "exit status \(code) (as after signal \(code - 128), \(String(cString: strsignal(code - 128))))"
            }
        case .neverStarted(let words):
            outcome.cause = .failed
            let said = words.isEmpty ? outcome.errorTail ?? "" : words
            outcome.message = "the engine could not start the container: \(EngineError.words(said))"
        case .wasRunning:
            outcome.cause = .failed
            outcome.message = "the engine's program ended while the container ran on; it has been killed"
        case .vanished:
            outcome.cause = .failed
            outcome.message = "somebody else removed the container"
        case .unknown(let reason):
            outcome.cause = .failed
            outcome.message = "how the container ended is not known: \(reason)"
        }
        return outcome
    }

    /// What the small first process says when there is nothing that it could run; podman's exits with 1 then, like many a trial.
    static func complaintOfInit(_ text: String?) -> String? {
        guard let line = text?.split(whereSeparator: \.isNewline).last(where: { !$0.isEmpty }) else { return nil }
        let isComplaint =
            line.hasPrefix("ERROR (catatonit:") && line.contains("failed to exec")
            || line.hasPrefix("[FATAL tini") && line.contains("exec ")
        return isComplaint ? EngineError.words(String(line)) : nil
    }

    private func memoryEvidence(_ code: Int32, _ isOutOfMemory: Bool) -> String? {
        let limit = memoryBytes.map { "of \(ByteCount.text($0)) that environment.memory allows" }
        if isOutOfMemory {
            return "the container ran out of the memory \(limit ?? "of its machine") (exit status \(code))"
        }
        guard code == Self.statusOfKilled, let news = memoryNews() else { return nil }
        return "killed by a SIGKILL that the worker did not send, and meanwhile \(news): it ran out of the memory "
            + "\(limit ?? "of its machine"). Let it use less, or raise environment.memory"
    }
}
