import Foundation
import Glibc

/// Calls of engines by which a guard removes containers: side by side, each for a limited time, and none waited for.
struct ContainerRemovals: ~Copyable {
    /// Time between two looks at whether a call has ended.
    static let lookMilliseconds: Int32 = 50
    /// A call that takes longer is ended.
    static let limit: Duration = .seconds(20)

    private var calls: [GuardedContainer: (process: SpawnedProcess, deadline: BootInstant)] = [:]

    var isEmpty: Bool { calls.isEmpty }

    /// Has the engine remove a container. - Returns: whether that has begun.
    mutating func begin(_ container: GuardedContainer, at now: BootInstant) -> Bool {
        guard calls[container] == nil else { return true }
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nothing >= 0 else { return false }
        defer { close(nothing) }
        do throws(ProcessSpawner.Failure) {
            let process = try ProcessSpawner.spawn(
                ProcessSpawner.Launch(
                    program: container.program,
                    arguments: [container.program] + ContainerEngine.removal(of: container.name, container.runtime),
                    environment: ProcessInfo.processInfo.environment,
                    workingDirectory: "/",
                    standardOutput: nothing,
                    standardError: nothing
                )
            )
            calls[container] = (process, now.advanced(by: Self.limit))
            return true
        } catch {
            return false
        }
    }

    /// Those whose calls have ended, or were ended now.
    mutating func ended(at now: BootInstant) -> [GuardedContainer] {
        var ended: [GuardedContainer] = []
        for (container, call) in calls {
            var information = siginfo_t()
            let hasEnded =
                waitid(P_PID, id_t(call.process.processID), &information, WEXITED | WNOHANG | WNOWAIT) != 0
                || information.si_signo == SIGCHLD
            if !hasEnded {
                guard now >= call.deadline else { continue }
                kill(-call.process.processID, SIGKILL)
            }
            _ = call.process.reap()
            calls[container] = nil
            ended.append(container)
        }
        return ended
    }
}
