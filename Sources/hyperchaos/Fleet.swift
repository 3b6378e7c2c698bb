import CommandLineSupport
import Foundation
import Glibc
import TuningTestKit

/// The servers and workers of a run: started, and started again when something ended them.
actor Fleet {
    enum Role: String, Sendable {
        case server, worker
    }

    private struct Member {
        var name: String
        var role: Role
        var command: [String]
        var process: ScratchProcess?
        var startedAt = ContinuousClock().now
        /// Whether somebody does something to it: only they start it again.
        var isTaken = false
    }

    /// How long a program may take to end after SIGTERM: draining, then telling a store that may be away.
    static let leaveTimeout: Duration = .seconds(60)
    /// What a program may need until it minds signals.
    static let startTime: Duration = .seconds(3)
    /// How often is looked whether all still run.
    static let superviseInterval: Duration = .milliseconds(300)
    /// How long a worker lets its trials go on once it is told to leave, in seconds.
    static let drainSeconds = 2

    private let places: Places
    private let environment: [String: String]
    private var members: [Member] = []
    /// What the programs did that nobody asked for.
    private(set) var misbehaviour: [String] = []

    /// - Parameter leaseSeconds: `nil` leaves the lease as it is by default.
    init(places: Places, leaseSeconds: Int?) {
        self.places = places
        // Nothing that was set for other stores and workers.
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HYPER_") }
        environment["HOME"] = places.scratch
        environment["HYPER_DATA_DIR"] = places.scratch + "/data"
        environment[Places.marker] = places.scratch
        if let leaseSeconds { environment["HYPER_LEASE_SECONDS"] = "\(leaseSeconds)" }
        self.environment = environment
    }

    /// Starts one more server.
    @discardableResult
    func addServer(uri: String) async throws -> Int {
        try await add(.server, ["start", "--mongo", uri], arguments: [], program: places.server)
    }

    /// Starts one more worker.
    @discardableResult
    func addWorker(uri: String, slots: Int, experiment: String? = nil) async throws -> Int {
        var arguments = ["--count", "\(slots)", "--drain-timeout", "\(Self.drainSeconds)"]
        arguments += ["--workdir", "\(places.scratch)/trials-\(members.count)"]
        if let experiment { arguments += ["--experiment", experiment] }
        return try await add(.worker, ["--mongo", uri], arguments: arguments, program: places.worker)
    }

    private func add(_ role: Role, _ first: [String], arguments: [String], program: String) async throws -> Int {
        let number = members.count { $0.role == role } + 1
        let command = [program] + first + ["--database", ChaosRun.database, "--log-level", "debug"] + arguments
        members.append(Member(name: "\(role.rawValue)-\(number)", role: role, command: command, isTaken: true))
        let index = members.count - 1
        try await start(index)
        members[index].isTaken = false
        return index
    }

    /// A member that runs and that nobody does anything to, by a draw from 0 to below 1; it is the caller's until `giveBack`.
    func take(_ role: Role, choice: Double) -> Int? {
        let free = members.indices.filter {
            members[$0].role == role && !members[$0].isTaken && members[$0].process?.ending == nil
        }
        guard !free.isEmpty else { return nil }
        let index = free[min(free.count - 1, Int(choice * Double(free.count)))]
        members[index].isTaken = true
        return index
    }

    /// Ends what `take` began.
    func giveBack(_ index: Int) { members[index].isTaken = false }

    func process(_ index: Int) -> ScratchProcess? { members[index].process }

    func index(ofProcess pid: Int32) -> Int? { members.firstIndex { $0.process?.pid == pid } }

    /// Starts a member that has ended.
    func start(_ index: Int) async throws {
        let member = members[index]
        let log = "\(places.scratch)/\(member.name).log"
        members[index].startedAt = ContinuousClock().now
        members[index].process = try await ScratchProcess.start(member.command, environment: environment, log: log)
    }

    /// Tells a member to leave, and waits until it has.
    func leave(_ index: Int) async {
        guard let process = members[index].process, process.ending == nil else { return }
        let name = members[index].name
        let age = ContinuousClock().now - members[index].startedAt
        process.signal(SIGTERM)
        switch await process.waitForEnd(timeout: Self.leaveTimeout) {
        case nil:
            misbehaviour.append("\(name) (process \(process.pid)) still ran \(Self.leaveTimeout) after SIGTERM")
            await process.killHard()
        // 2: interrupted while it still waited for the store.
        case .exited(0), .exited(ProgramFailure.Status.interrupted.rawValue): break
        // It had not come to say what the signal means to it.
        case .signaled(SIGTERM) where age < Self.startTime: break
        case .some(let ending): misbehaviour.append("\(name) (process \(process.pid)) left with \(ending)")
        }
    }

    /// Starts members again that ended by themselves, until the task is cancelled.
    func supervise() async {
        while !Task.isCancelled {
            for index in members.indices where !members[index].isTaken {
                guard let process = members[index].process, let ending = process.ending else { continue }
                members[index].isTaken = true
                // A server that finds no store ends with 69, so that whoever supervises it starts it again.
                if members[index].role == .worker || ending != .exited(ProgramFailure.Status.unavailable.rawValue) {
                    misbehaviour.append("\(members[index].name) (process \(process.pid)) ended by itself: \(ending)")
                }
                do {
                    try await start(index)
                } catch {
                    misbehaviour.append("\(error)")
                }
                members[index].isTaken = false
            }
            // A cancelled sleep ends the loop.
            try? await ContinuousClock().sleep(for: Self.superviseInterval)
        }
    }

    /// Tells all members to leave.
    func leaveAll() async {
        await withTaskGroup(of: Void.self) { group in
            for index in members.indices { group.addTask { await self.leave(index) } }
        }
    }

    /// Ends all members at once.
    func killAll() async {
        for member in members { await member.process?.killHard() }
    }
}
