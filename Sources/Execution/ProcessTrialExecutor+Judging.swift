import ExperimentModel
import Glibc
import Logging

/// What the end of an attempt means.
extension ProcessTrialExecutor {
    /// What a shell exits with when its last command was ended by SIGKILL.
    private static let shellStatusOfKilled: Int32 = 128 + SIGKILL

    private static func memoryAdvice(_ seen: String) -> String {
        "meanwhile \(seen): it ran out of memory. Let it use less, run fewer slots, or raise the limit of the worker"
    }

    /// The result of an attempt from what was seen of it and how its leader ended.
    func judge(
        _ report: SupervisionReport,
        _ status: SpawnedProcess.End,
        _ arguments: [String],
        _ control: AttemptControl,
        memoryKillsBefore: MemoryKillWatch.Reading
    ) -> AttemptResult {
        if report.hasStraggler {
            logger.debug("a process outside the group holds an output of the attempt open; it is not read any more")
        }
        var outcome = AttemptOutcome(cause: .succeeded, arguments: arguments)
        switch status {
        case .exited(let code): outcome.exitStatus = code
        case .signaled(let signal): outcome.signal = signal
        case .unknown: break
        }
        if let value = report.value, value.isFinite { outcome.value = value }
        outcome.errorTail = report.errorTail
        switch (report.intervention, status) {
        case (.stop(let reason), _):
            outcome.cause = reason.cause
            if reason == .stoppedEarly { outcome.value = report.lastFiniteValue }
            return .stopped(reason, outcome)
        case (.timeout, _):
            outcome.cause = .timedOut
            outcome.message = "it ran longer than trial_timeout allows and was stopped"
        case (nil, .exited(0)):
            switch report.verdict {
            case .value: outcome.errorTail = nil
            case .notANumber(let message): (outcome.cause, outcome.message) = (.notANumber, message)
            case .noMetric(let message): (outcome.cause, outcome.message) = (.noMetric, message)
            }
        case (nil, .exited(let code)):
            outcome.cause = .failed
            outcome.message = "exit status \(code)"
            if code == Self.shellStatusOfKilled, let seen = memoryKills.news(since: memoryKillsBefore) {
                outcome.cause = .outOfMemory
                outcome.message =
                    "its shell tells of a killed process (exit status \(code)), and \(Self.memoryAdvice(seen))"
            }
        case (nil, .signaled(let signal)):
            outcome.cause = .failed
            outcome.message = "ended by signal \(signal) (\(String(cString: strsignal(signal))))"
            if signal == SIGKILL, let seen = memoryKills.news(since: memoryKillsBefore) {
                outcome.cause = .outOfMemory
                outcome.message = "killed by a SIGKILL that the worker did not send, and \(Self.memoryAdvice(seen))"
            }
        case (nil, .unknown):
            outcome.cause = .failed
            outcome.message = "how it ended is not known: something else in the worker took its exit status"
        }
        if outcome.cause != .succeeded { outcome.value = nil }
        return .finished(outcome)
    }
}
