import ExperimentModel

/// What a guard knows of its worker, and what it has to do: a state machine without time or I/O.
///
/// ```
/// watching ──good-bye──▶ dismissed                      leaves, touches nothing
///    └─────end of the input, or of the worker──▶ orphaned ──nothing is left, or the hunt is over──▶ leaves
/// ```
///
/// Beside that, each attempt with an end goes from running to expired when the end is reached, and stays so until the worker
/// says that it is done: a renewal that comes too late saves nothing.
struct GuardBoard: Sendable, Equatable {
    enum State: Sendable, Equatable { case watching, orphaned, dismissed }

    /// Whose processes are looked for.
    enum Quarry: Sendable, Hashable {
        /// Everything that the worker started.
        case everything
        /// What belongs to one attempt.
        case attempt(GuardedAttempt)
    }

    /// What to do.
    enum Action: Sendable, Equatable {
        /// SIGKILL to a group, unless its number has gone to somebody else.
        case killGroup(Int32)
        /// SIGKILL to every process that bears all these variables; the number found goes to ``swept(_:found:at:)``.
        case sweep(Quarry, marks: [String])
        /// Have the engine remove a container; that it has answered goes to ``removed(_:at:)``.
        case remove(GuardedContainer)
        /// The end of an attempt was reached; for the log.
        case announceEnd(GuardedAttempt)
        /// End this process.
        case leave
    }

    /// Looks in a row that find nothing before a hunt ends: between two, a process that was being born has its environment.
    static let cleanSweeps = 2
    /// Time between two looks of a hunt.
    static let sweepInterval: Duration = .milliseconds(100)
    /// A hunt ends after so long also when something is left: what the kernel cannot end, nobody can.
    static let huntLimit: Duration = .seconds(10)
    /// Longest time between two looks at the clock while an attempt has an end: so late at most it is killed after the machine
    /// was suspended.
    static let lookInterval: Duration = .seconds(1)

    private struct Hunt: Sendable, Equatable {
        var clean = 0
        var next: BootInstant
        let limit: BootInstant

        init(at now: BootInstant) {
            next = now
            limit = now.advanced(by: GuardBoard.huntLimit)
        }

        /// Returns whether it is over.
        mutating func swept(found: Int, at now: BootInstant) -> Bool {
            clean = found == 0 ? clean + 1 : 0
            next = now.advanced(by: GuardBoard.sweepInterval)
            return clean >= GuardBoard.cleanSweeps || now >= limit
        }
    }

    /// Removing a container: more than once, since it may have been about to be made when it was first tried.
    private struct Removal: Sendable, Equatable {
        static let rounds = 2
        static let interval: Duration = .milliseconds(500)

        var rounds = Self.rounds
        /// `nil` while the engine is at it.
        var next: BootInstant?

        init(at now: BootInstant) { next = now }
    }

    private(set) var state: State = .watching
    /// The worker's id; `nil` before it said so.
    private(set) var worker: String?
    /// Groups that run, with the attempt that they belong to if that has an end.
    private(set) var groups: [Int32: GuardedAttempt?] = [:]
    private var ends: [GuardedAttempt: BootInstant] = [:]
    private var expired: Set<GuardedAttempt> = []
    private var hunts: [Quarry: Hunt] = [:]
    /// Containers that there are, or may be, with the attempt that they belong to if that has an end.
    private(set) var containers: [GuardedContainer: GuardedAttempt?] = [:]
    private var removals: [GuardedContainer: Removal] = [:]
    /// Groups of which everything must be killed, and was not yet.
    private var condemned: Set<Int32> = []
    private var hasInputEnded = false

    /// Takes a line in.
    mutating func take(_ line: GuardLine, at now: BootInstant) {
        guard state == .watching else { return }
        switch line {
        case .worker(_, let id): worker = id
        case .attempt(let attempt, let end): ends[attempt] = end
        case .group(let group, let attempt):
            groups[group] = .some(attempt)
            // Its worker was stopped between its start and this line, for longer than the lease.
            if let attempt, expired.contains(attempt) {
                condemned.insert(group)
                hunts[.attempt(attempt)] = Hunt(at: now)
            }
        case .container(let container, let attempt):
            containers[container] = .some(attempt)
            if let attempt, expired.contains(attempt) { removals[container] = Removal(at: now) }
        case .gone(let name):
            for container in containers.keys where container.name == name {
                containers[container] = nil
                removals[container] = nil
            }
        case .forget(let group):
            groups[group] = nil
            condemned.remove(group)
        case .done(let attempt):
            ends[attempt] = nil
            expired.remove(attempt)
            hunts[.attempt(attempt)] = nil
        case .goodbye: state = .dismissed
        }
    }

    /// The worker's process has ended; something may still hold its end of the pipe.
    mutating func workerEnded(at now: BootInstant) {
        guard state == .watching else { return }
        state = .orphaned
        condemned = Set(groups.keys)
        hunts = [.everything: Hunt(at: now)]
        removals = containers.mapValues { _ in Removal(at: now) }
    }

    /// Nobody can write any more.
    mutating func inputEnded(at now: BootInstant) {
        hasInputEnded = true
        workerEnded(at: now)
    }

    /// What is to be done now, after all lines that were there have been taken in.
    mutating func act(at now: BootInstant) -> [Action] {
        if state == .dismissed { return [.leave] }
        var actions: [Action] = []
        if state == .watching {
            for (attempt, end) in ends where end <= now && expired.insert(attempt).inserted {
                hunts[.attempt(attempt)] = Hunt(at: now)
                condemned.formUnion(groups.filter { $0.value == attempt }.keys)
                for container in containers.keys where containers[container] == attempt {
                    removals[container] = Removal(at: now)
                }
                actions.append(.announceEnd(attempt))
            }
        }
        actions += condemned.sorted().map { .killGroup($0) }
        condemned = []
        for (quarry, hunt) in hunts where hunt.next <= now {
            actions.append(.sweep(quarry, marks: marks(of: quarry)))
        }
        for (container, removal) in removals {
            guard let next = removal.next, next <= now else { continue }
            removals[container]?.next = nil
            actions.append(.remove(container))
        }
        if state == .orphaned, hunts.isEmpty, removals.isEmpty { actions.append(.leave) }
        return actions
    }

    /// The engine was asked to remove a container, and has answered or was not waited for any longer.
    mutating func removed(_ container: GuardedContainer, at now: BootInstant) {
        guard var removal = removals[container] else { return }
        removal.rounds -= 1
        removal.next = now.advanced(by: Removal.interval)
        removals[container] = removal.rounds > 0 ? removal : nil
    }

    /// A look for processes has ended.
    /// - Parameter found: how many were there; they have been killed, which may take a moment to show.
    mutating func swept(_ quarry: Quarry, found: Int, at now: BootInstant) {
        guard var hunt = hunts[quarry] else { return }
        let isOver = hunt.swept(found: found, at: now)
        // A child that is just being born holds the pipe, and cannot be recognised yet.
        let mayEnd = quarry != .everything || hasInputEnded || now >= hunt.limit
        hunts[quarry] = isOver && mayEnd ? nil : hunt
    }

    /// When ``act(at:)`` has to be called again, if no line comes before.
    func nextLook(after now: BootInstant) -> BootInstant? {
        if state == .orphaned, hunts.isEmpty, removals.isEmpty { return now }
        let moments = hunts.values.map(\.next) + removals.values.compactMap(\.next)
        var next = moments.min()
        if let end = ends.filter({ !expired.contains($0.key) }).values.min() {
            next = min(next ?? end, end, now.advanced(by: Self.lookInterval))
        }
        return next
    }

    private func marks(of quarry: Quarry) -> [String] {
        // Without an id there is nothing that tells this worker's processes from those of another.
        guard let worker else { return [] }
        return switch quarry {
        case .everything: [GuardedAttempt.mark(worker: worker)]
        case .attempt(let attempt): attempt.marks(worker: worker)
        }
    }
}
