import Chaos
import Foundation
import Glibc
import Synchronization
import TuningTestKit

/// Breaks things by a plan, and heals each after a while.
actor FaultDriver {
    private let fleet: Fleet
    private let set: ScratchReplicaSet
    private let places: Places
    private let leaseSeconds: Double
    private let log: FaultLog
    private var isStoreTaken = false

    /// How often each fault was done.
    private(set) var counts: [Fault: Int] = [:]
    /// Processes of trials that outlived their workers.
    private(set) var leftovers: [String] = []
    /// What could not be healed.
    private(set) var misbehaviour: [String] = []

    /// How long a worker's trials may outlive it.
    static let leftoverLimit: Duration = .seconds(5)
    /// Seconds that a killed program stays away.
    static let away = 0.2...4.0
    /// How long a stopped process stays so, in leases.
    static let frozenLeases = 1.2...3.5
    /// Seconds that a stopped primary stays so: some notice it, and an election takes two.
    static let frozenPrimary = 4.0...9.0

    init(fleet: Fleet, set: ScratchReplicaSet, places: Places, leaseSeconds: Double) throws {
        self.fleet = fleet
        self.set = set
        self.places = places
        self.leaseSeconds = leaseSeconds
        log = try FaultLog(path: places.scratch + "/faults.log")
    }

    /// Faults that can be done to this deployment.
    static func faults(isReplicaSet: Bool) -> Set<Fault> {
        // A mongod without a set may lose what it has confirmed when it is killed: nothing is promised of that.
        isReplicaSet
            ? Set(Fault.allCases)
            : Set(Fault.allCases.filter { $0.target != .store }).union([.restartPrimary, .freezePrimary])
    }

    /// Breaks things until it is over, and returns when everything is healed.
    func run(_ plan: FaultPlan, isOver: @Sendable @escaping () -> Bool) async {
        var plan = plan
        await withTaskGroup(of: Void.self) { group in
            while let step = plan.next() {
                // Nobody cancels this task.
                try? await ContinuousClock().sleep(for: .seconds(step.pause))
                if isOver() { break }
                group.addTask { await self.perform(step) }
            }
        }
    }

    private func perform(_ step: FaultPlan.Step) async {
        do {
            switch step.fault.target {
            case .worker: try await breakMember(.worker, step)
            case .server: try await breakMember(.server, step)
            case .store: try await breakStore(step)
            }
        } catch {
            log.note("\(step.fault.rawValue): \(error)")
            misbehaviour.append("\(step.fault.rawValue): \(error)")
        }
    }

    private func count(_ fault: Fault, _ what: String) {
        counts[fault, default: 0] += 1
        log.note("\(fault.rawValue): \(what)")
    }

    private static func sleep(_ range: ClosedRange<Double>, _ length: Double) async {
        let seconds = range.lowerBound + (range.upperBound - range.lowerBound) * length
        // Nobody cancels this task.
        try? await ContinuousClock().sleep(for: .seconds(seconds))
    }

    private func breakMember(_ role: Fleet.Role, _ step: FaultPlan.Step) async throws {
        guard let index = await fleet.take(role, choice: step.choice) else { return }
        guard let process = await fleet.process(index) else { return await fleet.giveBack(index) }
        count(step.fault, "process \(process.pid)")
        switch step.fault {
        case .freezeWorker, .freezeServer:
            process.signal(SIGSTOP)
            let range = Self.frozenLeases
            await Self.sleep(range.lowerBound * leaseSeconds...range.upperBound * leaseSeconds, step.length)
            process.signal(SIGCONT)
            log.note("process \(process.pid) goes on")
        case .killWorker:
            await process.killHard()
            async let check: Void = checkLeftovers(of: process.pid)
            await Self.sleep(Self.away, step.length)
            try await fleet.start(index)
            await check
        case .killServer:
            await process.killHard()
            await Self.sleep(Self.away, step.length)
            try await fleet.start(index)
        default:
            await fleet.leave(index)
            if role == .worker { await checkLeftovers(of: process.pid) }
            try await fleet.start(index)
        }
        await fleet.giveBack(index)
    }

    /// Nothing that a worker started may outlive it for long.
    private func checkLeftovers(of worker: Int32) async {
        // Nobody cancels this task.
        try? await ContinuousClock().sleep(for: Self.leftoverLimit)
        let left = TrialProcesses.running(of: places.scratch, worker: worker)
        guard !left.isEmpty else { return }
        let list = left.map { "\($0)" }.joined(separator: ", ")
        leftovers.append("\(Self.leftoverLimit) after the end of worker \(worker): \(list)")
        log.note("left over of worker \(worker): \(list)")
    }

    private func breakStore(_ step: FaultPlan.Step) async throws {
        // At most one member at a time: two of three are a majority.
        guard !isStoreTaken else { return }
        isStoreTaken = true
        defer { isStoreTaken = false }
        guard let primary = await set.primary() else { return }
        switch step.fault {
        case .stepDown:
            count(step.fault, "mongod \(primary)")
            try await set.stepDown(primary)
        case .freezePrimary:
            count(step.fault, "mongod \(primary)")
            set.pause(primary)
            await Self.sleep(Self.frozenPrimary, step.length)
            set.resume(primary)
        case .restartPrimary:
            count(step.fault, "mongod \(primary)")
            try await set.stop(primary)
            try await set.start(primary)
        default:
            let others = set.ports.indices.filter { $0 != primary }
            let other =
                others.isEmpty ? primary : others[min(others.count - 1, Int(step.choice * Double(others.count)))]
            let index = step.fault == .killPrimary ? primary : other
            count(step.fault, "mongod \(index)")
            await set.kill(index)
            await Self.sleep(Self.away, step.length)
            try await set.start(index)
        }
        try await set.waitUntilWhole()
        log.note("the store is whole")
    }
}

/// What was broken and when, in a file.
final class FaultLog: Sendable {
    private let file: Mutex<FileHandle>

    init(path: String) throws {
        try Data().write(to: URL(filePath: path))
        file = Mutex(try FileHandle(forWritingTo: URL(filePath: path)))
    }

    /// Adds a line.
    func note(_ text: String) {
        let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        file.withLock { try? $0.write(contentsOf: Data("\(time) \(text)\n".utf8)) }  // best effort: it is a log
    }
}
