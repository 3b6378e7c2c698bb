import TuningMath

/// Something that is broken on purpose.
public enum Fault: String, Sendable, Hashable, CaseIterable {
    /// `kill -9` of a worker; it is started again.
    case killWorker = "worker kill -9"
    /// A worker is stopped for longer than its leases last, and goes on.
    case freezeWorker = "worker SIGSTOP"
    /// A worker is told to leave; another takes its place.
    case stopWorker = "worker SIGTERM"
    /// `kill -9` of a server.
    case killServer = "server kill -9"
    /// A server is stopped for longer than its leads last, and goes on.
    case freezeServer = "server SIGSTOP"
    /// A server is told to stop.
    case stopServer = "server SIGTERM"
    /// The primary is told to become a secondary.
    case stepDown = "primary step down"
    /// `kill -9` of the primary.
    case killPrimary = "primary kill -9"
    /// The primary is stopped cleanly and started again; a standalone server likewise.
    case restartPrimary = "primary restart"
    /// The primary is stopped for longer than an election takes, and goes on.
    case freezePrimary = "primary SIGSTOP"
    /// `kill -9` of a secondary.
    case killSecondary = "secondary kill -9"

    /// What a fault is done to.
    public enum Target: Sendable, Hashable {
        case worker, server, store
    }

    /// What it is done to.
    public var target: Target {
        switch self {
        case .killWorker, .freezeWorker, .stopWorker: .worker
        case .killServer, .freezeServer, .stopServer: .server
        case .stepDown, .killPrimary, .restartPrimary, .freezePrimary, .killSecondary: .store
        }
    }

    /// How often it comes, relative to the others.
    var weight: UInt64 {
        switch self {
        case .killWorker: 8
        case .freezeWorker: 6
        case .stopWorker: 4
        // A new leader lets one lease pass before it takes trials away: without any quiet there, no trial would be lost.
        case .killServer: 2
        case .freezeServer, .stopServer: 1
        case .stepDown, .killPrimary: 2
        case .restartPrimary, .freezePrimary, .killSecondary: 1
        }
    }
}

/// Which fault comes next, by a seed: the same seed gives the same faults, though not at the same moments of the trials.
public struct FaultPlan: Sendable, Sequence, IteratorProtocol {
    /// A fault to come.
    public struct Step: Sendable, Hashable {
        /// What to do.
        public var fault: Fault
        /// Seconds to wait before it.
        public var pause: Double
        /// From 0 to below 1: which of those that it can be done to.
        public var choice: Double
        /// From 0 to below 1: how long what is ended or stopped stays so, within what is usual for the fault.
        public var length: Double
    }

    /// Shortest and longest wait between two faults, in seconds.
    public static let pauses = 0.3...2.5

    private var generator: SeededGenerator
    private let faults: [Fault]

    /// The faults of a seed.
    /// - Parameter faults: those that can be done, in any order.
    public init(seed: UInt64, faults: Set<Fault> = Set(Fault.allCases)) {
        generator = SeedSequence(seed: seed).generator(trial: 0, purpose: "chaos.faults")
        self.faults = Fault.allCases.filter(faults.contains)
    }

    /// The next fault; `nil` only when none can be done at all.
    public mutating func next() -> Step? {
        let total = faults.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return nil }
        var draw = generator.wholeNumber(below: total)
        let fault = faults.first { fault in
            if draw < fault.weight { return true }
            draw -= fault.weight
            return false
        }
        guard let fault else { return nil }
        let width = Self.pauses.upperBound - Self.pauses.lowerBound
        return Step(
            fault: fault,
            pause: Self.pauses.lowerBound + width * generator.unitDouble(),
            choice: generator.unitDouble(),
            length: generator.unitDouble()
        )
    }
}
