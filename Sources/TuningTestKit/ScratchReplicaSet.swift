import BSON
import Foundation
import Glibc
import Logging
import MongoClient
import Synchronization

/// A MongoDB deployment to be broken: real mongods on loopback as a replica set, three by default, or one without a set.
///
/// Elections are quick (2 s without a primary, heartbeats every 0.5 s). All members end with this process, however it ends.
public final class ScratchReplicaSet: Sendable {
    /// Why a member did not do what it was to do.
    public struct Failure: Error, CustomStringConvertible {
        /// For people.
        public let description: String
    }

    /// Members of a replica set; any two of them are a majority.
    public static let memberCount = 3
    /// How long a mongod may take to start, or a set to be whole again, on a slow and busy machine.
    public static let healTimeout: Duration = .seconds(120)
    /// How long a clean stop may take.
    static let stopTimeout: Duration = .seconds(60)
    /// How long a single question to a member may take.
    static let questionTimeout: Duration = .seconds(2)
    /// How often is asked whether the set is whole.
    static let questionInterval: Duration = .milliseconds(200)
    private static let setName = "scratch"

    /// Where the members listen on 127.0.0.1.
    public let ports: [Int]
    /// Whether it is a set at all.
    public let isReplicaSet: Bool
    private let directory: String
    private let executable: String
    private let members: Mutex<[ScratchProcess?]>

    private init(ports: [Int], isReplicaSet: Bool, directory: String, executable: String) {
        self.ports = ports
        self.isReplicaSet = isReplicaSet
        self.directory = directory
        self.executable = executable
        members = Mutex(ports.map { _ in nil })
    }

    /// Starts a deployment and waits until it takes writes.
    /// - Parameters:
    ///   - directory: for data and logs; belongs to the caller, who removes it.
    ///   - members: how many there are.
    ///   - isReplicaSet: `false` is one server without a set.
    public static func start(
        in directory: String,
        members: Int = memberCount,
        isReplicaSet: Bool = true
    ) async throws -> ScratchReplicaSet {
        let count = isReplicaSet ? members : 1
        let set = ScratchReplicaSet(
            ports: try (0..<count).map { _ in try ScratchMongod.freePort() },
            isReplicaSet: isReplicaSet,
            directory: directory,
            executable: try ScratchMongod.executable()
        )
        do {
            for index in set.ports.indices { try await set.start(index) }
            if isReplicaSet { try await set.initiate() }
            try await set.waitUntilWhole()
        } catch {
            await set.end()
            throw error
        }
        return set
    }

    /// A connection string without credentials.
    public var uri: String {
        let hosts = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
        return isReplicaSet ? "mongodb://\(hosts)/?replicaSet=\(Self.setName)" : "mongodb://\(hosts)/"
    }

    /// Starts a member that does not run, and waits until it answers.
    public func start(_ index: Int) async throws {
        let data = "\(directory)/mongod-\(index)"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        var command = [
            executable, "--dbpath", data, "--bind_ip", "127.0.0.1", "--port", "\(ports[index])", "--nounixsocket",
            "--wiredTigerCacheSizeGB", "0.25", "--setParameter", "enableTestCommands=1", "--setParameter",
            "diagnosticDataCollectionEnabled=false",
        ]
        if isReplicaSet { command += ["--replSet", Self.setName, "--oplogSize", "256"] }
        let process = try await ScratchProcess.start(command, log: "\(directory)/mongod-\(index).log")
        members.withLock { $0[index] = process }
        try await ask(index, ["ping": 1], timeout: Self.healTimeout)
    }

    /// `kill -9` of a member.
    public func kill(_ index: Int) async {
        await process(index)?.killHard()
    }

    /// Stops a member cleanly, and waits for its end.
    public func stop(_ index: Int) async throws {
        guard let process = process(index) else { return }
        process.signal(SIGTERM)
        guard await process.waitForEnd(timeout: Self.stopTimeout) != nil else {
            throw Failure(description: "mongod \(process.pid) still runs \(Self.stopTimeout) after SIGTERM")
        }
    }

    /// Stops a member where it stands; its connections stay open and nothing answers.
    public func pause(_ index: Int) { process(index)?.signal(SIGSTOP) }

    /// Lets a paused member go on.
    public func resume(_ index: Int) { process(index)?.signal(SIGCONT) }

    /// Ends all members at once. The deployment is of no use afterwards.
    public func end() async {
        for process in members.withLock({ $0 }) { await process?.killHard() }
    }

    private func process(_ index: Int) -> ScratchProcess? { members.withLock { $0[index] } }

    // MARK: - The set

    /// The member that takes writes; `nil` while there is none that knows of it.
    public func primary() async -> Int? {
        var found: (index: Int, term: Int64)?
        for index in ports.indices where process(index)?.ending == nil {
            // A member that is down, or stopped, is none.
            guard let hello = try? await ask(index, ["hello": 1], timeout: Self.questionTimeout),
                hello["isWritablePrimary"]?.asBool == true
            else { continue }
            // Two may think so for a moment: the one of the later election is right.
            let term = hello.value(at: "lastWrite.opTime.t")?.asInt64 ?? 0
            if found.map({ $0.term < term }) ?? true { found = (index, term) }
        }
        return found?.index
    }

    /// Makes the primary a secondary for some seconds, so that another member is elected.
    public func stepDown(_ index: Int, seconds: Int = 5) async throws {
        try await ask(
            index,
            ["replSetStepDown": .int(seconds), "secondaryCatchUpPeriodSecs": .int(max(1, seconds - 2)), "force": true],
            timeout: .seconds(seconds) + Self.questionTimeout
        )
    }

    /// Waits until every member is primary or secondary, one is primary, and it takes a write that all have.
    public func waitUntilWhole() async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.healTimeout
        while true {
            if await isWhole() { return }
            guard clock.now < deadline else {
                throw Failure(description: "The deployment was not whole again within \(Self.healTimeout).")
            }
            try await clock.sleep(for: Self.questionInterval)
        }
    }

    private func isWhole() async -> Bool {
        guard let primary = await primary() else { return false }
        guard isReplicaSet else { return true }
        // While it changes its mind there are errors, and it is not whole.
        guard
            let status = try? await ask(primary, ["replSetGetStatus": 1], timeout: Self.questionTimeout),
            let states = status["members"]?.asArray?.compactMap({ $0.asDocument?["stateStr"]?.asString }),
            states.count == ports.count, states.allSatisfy({ $0 == "PRIMARY" || $0 == "SECONDARY" })
        else { return false }
        let write: BSONDocument = [
            "update": "whole", "updates": [["q": ["_id": 1], "u": ["$inc": ["count": 1]], "upsert": true]],
            "writeConcern": ["w": .int(ports.count), "wtimeout": 1000],
        ]
        guard let reply = try? await ask(primary, write, on: "scratch", timeout: Self.questionTimeout) else {
            return false
        }
        return reply["writeConcernError"] == nil
    }

    private func initiate() async throws {
        let members = ports.indices.map { index -> BSONValue in
            ["_id": .int(index), "host": .string("127.0.0.1:\(ports[index])")]
        }
        try await ask(
            0,
            [
                "replSetInitiate": [
                    "_id": .string(Self.setName), "members": .array(members),
                    "settings": ["electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500],
                ]
            ],
            timeout: Self.healTimeout
        )
    }

    /// Runs a command on one member, whatever it is.
    @discardableResult
    private func ask(
        _ index: Int,
        _ command: BSONDocument,
        on database: String = "admin",
        timeout: Duration
    ) async throws -> BSONDocument {
        var options = MongoConnection.Options()
        options.maxPoolSize = 1
        options.serverSelectionTimeout = timeout
        options.connectTimeout = min(options.connectTimeout, timeout)
        options.socketTimeout = timeout
        options.maxTime = timeout / 2
        let uri = "mongodb://127.0.0.1:\(ports[index])/?directConnection=true"
        let connection = try MongoConnection(uri: uri, options: options, logger: .silent)
        do {
            let reply = try await connection.command(command, on: database)
            await connection.close()
            return reply
        } catch {
            await connection.close()
            throw error
        }
    }
}
