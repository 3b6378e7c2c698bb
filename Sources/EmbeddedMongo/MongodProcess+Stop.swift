import Glibc

extension MongodProcess {
    private static let pollInterval = Duration.milliseconds(20)

    /// Sends SIGTERM and waits for the end; SIGKILL is never used on a database.
    ///
    /// The wait is not cut short by cancellation: a store must not be left half stopped.
    /// - Throws: `EmbeddedMongoError.didNotStop`.
    func stop(timeout: Duration) async throws(EmbeddedMongoError) {
        // Nobody cancels this task; the time-out bounds it.
        let hasEnded = await Task {
            // Looked at right before the signal: the pid must still be this mongod.
            guard isAlive else { return true }
            kill(pid, SIGTERM)
            let deadline = Deadline(after: timeout)
            while isAlive {
                guard !deadline.hasPassed else { return false }
                try? await deadline.pause(Self.pollInterval)  // only a cancelled task throws here
            }
            return true
        }.value
        guard hasEnded else { throw .didNotStop(pid: pid, after: timeout) }
    }
}
