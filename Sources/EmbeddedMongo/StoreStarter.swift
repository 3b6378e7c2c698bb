import Glibc
import Logging

/// Finds the running `mongod` of a data directory or starts one, and makes it usable.
///
/// The caller holds the start lock, so there is one of these at a time, and the users' lock in shared mode.
struct StoreStarter: Sendable {
    /// Looking again after a `mongod` came or went under our hands.
    static let maximumRounds = 8
    /// Starting again on another port, or on the same one when clients know it.
    static let maximumPorts = 5
    static let roundPause = Duration.milliseconds(200)
    static let userName = "hyper"
    private static let keyBytes = 96
    private static let shortestKey = 6
    private static let passwordBytes = 32

    let directory: DataDirectory
    let lookup: MongodLookup
    /// Asked for by this caller; nil takes what there is.
    let listening: StoreListening?
    /// Whether clients of ours rely on the port.
    let mustKeepPort: Bool
    let timeouts: EmbeddedStoreTimeouts
    let logger: Logger

    /// A usable store, adopted or started.
    func run(users: FileLock) async throws -> Endpoint {
        for _ in 0..<Self.maximumRounds {
            let stored = try EndpointFile.read(directory)
            do {
                switch MongodProcess.holder(of: directory, hint: stored?.pid) {
                case .nobody:
                    let isOnlyUser = try isOnlyUser(users)
                    return try await start(stored, keepsListening: mustKeepPort || !isOnlyUser)
                case .ours(let process):
                    if let listening, process.commandLine.bindAddresses != listening.bindAddresses {
                        try await restartAlone(process, users: users, otherwise: .restartNeeded(pid: process.pid))
                        continue
                    }
                    return try await adopt(process, stored, users: users)
                case .ending(let pid):
                    try await waitForEnd(of: pid)
                case .foreign(let pid):
                    throw locked(pid: pid, stored)
                }
            } catch StoreSetup.Interruption.processEnded {
                logger.debug("mongod ended or changed while it was looked at; looking again")
                try await Task.sleep(for: Self.roundPause)
            } catch StoreSetup.Interruption.timedOut(let doing) {
                throw EmbeddedMongoError.notReady(
                    after: timeouts.ready,
                    doing: doing,
                    log: LogTail.read(directory.logFile, from: 0)
                )
            }
        }
        throw EmbeddedMongoError.mongodExited(
            ending: "it came and went \(Self.maximumRounds) times; is another program stopping it?",
            log: LogTail.read(directory.logFile, from: 0)
        )
    }

    private func waitForEnd(of pid: Int32) async throws {
        let deadline = Deadline(after: timeouts.stop)
        while case .ending(pid) = MongodProcess.holder(of: directory, hint: pid) {
            guard !deadline.hasPassed else {
                throw EmbeddedMongoError.didNotStop(pid: pid, after: timeouts.stop)
            }
            try await deadline.pause(StoreSetup.pollInterval)
        }
    }

    // MARK: A mongod that runs

    private func adopt(_ process: MongodProcess, _ stored: Endpoint?, users: FileLock) async throws -> Endpoint {
        var endpoint = stored ?? makeEndpoint()
        let port = process.commandLine.port
        let isKnown = endpoint.isReady && endpoint.pid == process.pid && endpoint.port == port
        if isKnown, try await StoreSetup.isUsable(endpoint, timeouts: timeouts, logger: logger) {
            guard let listening, endpoint.listening != listening else { return endpoint }
            endpoint.listening = listening
            try EndpointFile.write(endpoint, to: directory)
            return endpoint
        }
        logger.info("using the mongod that runs already", metadata: ["pid": "\(process.pid)"])
        let setup = StoreSetup(plan: .embedded(port: port), key: try key(), timeouts: timeouts, logger: logger) {
            process.isAlive
        }
        endpoint.port = port
        endpoint.pid = process.pid
        endpoint.machine = Self.machine
        if endpoint.listening?.bindAddresses != process.commandLine.bindAddresses { endpoint.listening = nil }
        endpoint.listening = listening ?? endpoint.listening
        // The password is on disk before the server learns it.
        endpoint.isReady = false
        try EndpointFile.write(endpoint, to: directory)
        do {
            try await setup.run(
                user: endpoint.user,
                password: endpoint.password,
                until: Deadline(after: timeouts.ready)
            )
        } catch StoreSetup.Interruption.keyRefused {
            try await restartAlone(process, users: users, otherwise: .credentialsRefused(path: directory.endpointFile))
            throw StoreSetup.Interruption.processEnded
        }
        endpoint.isReady = true
        try EndpointFile.write(endpoint, to: directory)
        return endpoint
    }

    /// Stops the `mongod` when nobody else uses it; the next round starts it again.
    private func restartAlone(
        _ process: MongodProcess,
        users: FileLock,
        otherwise error: EmbeddedMongoError
    ) async throws {
        guard try isOnlyUser(users) else { throw error }
        logger.info("restarting mongod", metadata: ["pid": "\(process.pid)"])
        try await process.stop(timeout: timeouts.stop)
    }

    /// Nobody joins meanwhile, since that takes the start lock; so the gap between the two modes does no harm.
    private func isOnlyUser(_ users: FileLock) throws -> Bool {
        let isAlone = try users.tryLock(.exclusive)
        guard try users.tryLock(.shared) else {
            throw EmbeddedMongoError.startLockTimedOut(path: users.path, after: .zero)
        }
        return isAlone
    }

    // MARK: Starting

    private func start(_ stored: Endpoint?, keepsListening: Bool) async throws -> Endpoint {
        let binary = try await lookup.find(timeout: timeouts.version)
        let key = try key()
        var endpoint = stored ?? makeEndpoint()
        endpoint.listening = listening ?? (keepsListening ? endpoint.listening : nil)
        endpoint.version = binary.version.description
        endpoint.machine = Self.machine
        endpoint.pid = 0
        endpoint.isReady = false
        var lastTried: Int?
        for attempt in 0..<Self.maximumPorts {
            if attempt > 0 { try await Task.sleep(for: Self.roundPause) }
            let isStoredPortFree =
                attempt == 0 && stored != nil
                && LoopbackPort.isFree(endpoint.port, listening: endpoint.listening)
            if !mustKeepPort, !isStoredPortFree {
                guard let port = LoopbackPort.free() else { throw EmbeddedMongoError.noFreePort(lastTried: lastTried) }
                endpoint.port = port
            }
            lastTried = endpoint.port
            // Port and password are on disk before any process knows them.
            try EndpointFile.write(endpoint, to: directory)
            if let ready = try await launch(binary, endpoint, key: key) { return ready }
            logger.info("the port is taken", metadata: ["port": "\(endpoint.port)"])
        }
        throw EmbeddedMongoError.noFreePort(lastTried: lastTried)
    }

    /// One start; nil when the port was taken.
    private func launch(_ binary: MongodBinary, _ planned: Endpoint, key: String) async throws -> Endpoint? {
        var endpoint = planned
        let child = try MongodChild(
            binary,
            commandLine: MongodCommandLine(port: endpoint.port, listening: endpoint.listening),
            usesIPv6: endpoint.listening?.usesIPv6 ?? false,
            directory: directory,
            environment: lookup.environment
        )
        logger.info("started mongod", metadata: ["pid": "\(child.pid)", "port": "\(endpoint.port)"])
        let setup = StoreSetup(plan: .embedded(port: endpoint.port), key: key, timeouts: timeouts, logger: logger) {
            child.ending == nil
        }
        do {
            try await setup.run(
                user: endpoint.user,
                password: endpoint.password,
                until: Deadline(after: timeouts.ready)
            )
            endpoint.pid = child.pid
            endpoint.isReady = true
            try EndpointFile.write(endpoint, to: directory)
            return endpoint
        } catch {
            // Read before the shutdown adds its own lines.
            let tail = child.logTail
            // What answered on the port may be a stranger that took it first; mongod ends then, with that status.
            if let ending = child.ending { return try judge(ending, binary, planned, log: tail) }
            let hasEnded = await child.terminate(timeout: timeouts.stop)
            if !hasEnded {
                logger.warning("a mongod that did not get ready ignores SIGTERM", metadata: ["pid": "\(child.pid)"])
            }
            switch error {
            case StoreSetup.Interruption.timedOut(let doing):
                throw EmbeddedMongoError.notReady(after: timeouts.ready, doing: doing, log: tail)
            case StoreSetup.Interruption.keyRefused:
                throw EmbeddedMongoError.setupFailed(
                    step: "logging in",
                    reason: "the program on port \(endpoint.port) refuses the key"
                )
            default:
                throw error
            }
        }
    }

    /// What the end of a fresh `mongod` means; nil asks for another port.
    private func judge(
        _ ending: ChildProcess.Ending,
        _ binary: MongodBinary,
        _ endpoint: Endpoint,
        log: String
    ) throws -> Endpoint? {
        switch ending {
        case .exited(MongodChild.ExitCode.portTaken):
            return nil
        case .exited(MongodChild.ExitCode.directoryInUse):
            // One of ours that had not taken its lock when we looked is adopted in the next round.
            if case .foreign(let pid) = MongodProcess.holder(of: directory, hint: nil) {
                throw locked(pid: pid, endpoint)
            }
            throw StoreSetup.Interruption.processEnded
        case .exited(MongodChild.ExitCode.incompatibleData):
            throw EmbeddedMongoError.incompatibleData(
                path: directory.databasePath,
                version: binary.version.description,
                log: log
            )
        default:
            throw EmbeddedMongoError.mongodExited(ending: "it \(ending)", log: log)
        }
    }

    // MARK: Parts

    private func locked(pid: Int32?, _ endpoint: Endpoint?) -> EmbeddedMongoError {
        let machine = endpoint.flatMap { $0.machine == Self.machine ? nil : $0.machine }
        return .dataDirectoryLocked(path: directory.path, pid: pid, machine: machine.map { LogTail.printable($0) })
    }

    private func makeEndpoint() -> Endpoint {
        Endpoint(
            isReady: false,
            host: LoopbackPort.host,
            port: LoopbackPort.free() ?? 1,
            user: Self.userName,
            password: Self.secret(bytes: Self.passwordBytes),
            replicaSet: MongodCommandLine.replicaSetName,
            pid: 0,
            version: "",
            machine: Self.machine,
            listening: nil
        )
    }

    /// The content of the key file; made when it is missing, since a set of one member may change its key freely.
    private func key() throws(EmbeddedMongoError) -> String {
        if let bytes = try PrivateFile.read(directory.keyFile) {
            // mongod ignores white space in it.
            let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            if text.utf8.count >= Self.shortestKey { return text }
        }
        let text = Self.secret(bytes: Self.keyBytes)
        try PrivateFile.write(Array(text.utf8) + [UInt8(ascii: "\n")], to: directory.keyFile)
        return text
    }

    /// Hexadecimal digits from the system's secure generator: safe in a URI and in a key file.
    private static func secret(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<bytes).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// The name of this machine.
    static var machine: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
