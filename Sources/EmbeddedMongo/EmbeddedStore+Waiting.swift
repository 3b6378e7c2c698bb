public import Logging

extension EmbeddedStore {
    /// Uses a store that others start: waits until its `mongod` is ready and answers.
    ///
    /// It never starts one.
    /// - Parameters:
    ///   - timeout: nil waits until the task is cancelled.
    ///   - onWait: called with the reason at the first fruitless look, and then once every `timeouts.report`.
    /// - Throws: `EmbeddedMongoError` at once when the data directory cannot be used or a file in it is refused,
    ///   `.waitTimedOut`; `CancellationError`.
    public static func waitForEndpoint(
        _ dataDirectory: DataDirectory,
        timeout: Duration? = nil,
        timeouts: EmbeddedStoreTimeouts = EmbeddedStoreTimeouts(),
        logger: Logger,
        onWait: @Sendable (_ reason: String) -> Void
    ) async throws -> EmbeddedStore {
        let directory = try dataDirectory.create()
        let start = try FileLock(path: directory.startLock)
        let users = try FileLock(path: directory.usersLock)
        let deadline = timeout.map { Deadline(after: $0) }
        var nextReport: Deadline?
        var pause = timeouts.firstLook
        while true {
            let reason: String
            switch try look(directory, start: start, users: users) {
            case .usable(let endpoint):
                return EmbeddedStore(
                    dataDirectory: directory,
                    endpoint: endpoint,
                    users: users,
                    lookup: nil,
                    timeouts: timeouts,
                    logger: logger
                )
            case .notYet(let text): reason = text
            }
            if nextReport?.hasPassed ?? true {
                nextReport = Deadline(after: timeouts.report)
                onWait(reason)
            }
            if let deadline, deadline.hasPassed {
                throw EmbeddedMongoError.waitTimedOut(path: directory.path, after: deadline.limit, reason: reason)
            }
            try await Task.sleep(for: min(pause, deadline?.remaining ?? pause))
            pause = min(pause * 2, timeouts.longestLook)
        }
    }

    private enum Look {
        case usable(Endpoint)
        case notYet(String)
    }

    /// One look; holds the users' lock afterwards only when the store is usable.
    private static func look(
        _ directory: DataDirectory,
        start: FileLock,
        users: FileLock
    ) throws(EmbeddedMongoError) -> Look {
        // Under the start lock nobody stops the store between the look and our joining.
        guard try start.tryLock(.exclusive) else { return .notYet("another program is starting or stopping it") }
        defer { start.unlock() }
        guard let endpoint = try EndpointFile.read(directory) else { return .notYet("no store was started there yet") }
        guard endpoint.isReady else { return .notYet("the store is stopped") }
        guard try users.tryLock(.shared) else { return .notYet("another program is stopping it") }
        if let reason = whyUnusable(endpoint, directory) {
            users.unlock()
            return .notYet(reason)
        }
        return .usable(endpoint)
    }

    private static func whyUnusable(_ endpoint: Endpoint, _ directory: DataDirectory) -> String? {
        let elsewhere = endpoint.machine == StoreStarter.machine ? "" : " (it was started on \(endpoint.machine))"
        switch MongodProcess.holder(of: directory, hint: endpoint.pid) {
        case .nobody, .ending:
            return "its mongod has ended" + elsewhere
        case .ours(let process) where process.commandLine.port != endpoint.port:
            return "its mongod is being restarted"
        case .foreign(let pid?):
            return "another mongod (pid \(pid)) uses the directory" + elsewhere
        case .ours, .foreign(nil):
            // Nil: a mongod in another container, which may well share our loopback.
            return LoopbackPort.accepts(endpoint.port) ? nil : "its mongod does not answer" + elsewhere
        }
    }
}
