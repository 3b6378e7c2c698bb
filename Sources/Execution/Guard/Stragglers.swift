import ExperimentModel
import Glibc

/// Processes of an exclusive attempt that left its group for sessions of their own: the next attempt must not meet them.
enum Stragglers {
    /// Looks at most: what the kernel cannot end, nobody can.
    static let maximumSweeps = 200
    /// Time between two looks.
    static let sweepIntervalMicroseconds: UInt32 = 10_000

    /// Kills them all; blocks until they are gone, or for some two seconds.
    /// - Returns: whether they are gone.
    static func end(of attempt: GuardedAttempt, worker: WorkerID) -> Bool {
        var processes = MarkedProcesses()
        var clean = 0
        for sweep in 1...maximumSweeps {
            let found = processes.killAll(bearing: attempt.marks(worker: worker.rawValue))
            clean = found == 0 ? clean + 1 : 0
            if clean >= GuardBoard.cleanSweeps { return true }
            if sweep < maximumSweeps { usleep(sweepIntervalMicroseconds) }
        }
        return false
    }
}
