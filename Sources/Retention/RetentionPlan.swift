public import ExperimentModel

/// What is to be removed, decided by a pure function of what there is.
///
/// Only what belongs to finished trials of finished experiments is removed, and nothing of the best trial of an experiment.
/// First goes what is older than allowed, then, oldest first, as much as it takes to come under the cap; what may not be
/// removed counts for the cap all the same. A directory of a trial that the store does not know, which may be another
/// store's, goes by its age alone.
public struct RetentionPlan: Sendable, Hashable {
    /// Why something is removed.
    public enum Reason: String, Sendable, Hashable {
        /// It is older than allowed.
        case age
        /// Everything together is more than allowed.
        case cap
        /// It is older than allowed and belongs to no trial of this store.
        case unknown
        /// It belongs to nothing that exists.
        case leftover
    }

    /// Something to remove, and why.
    public struct Removal<Item: Sendable & Hashable>: Sendable, Hashable {
        /// What is removed.
        public var item: Item
        /// Why.
        public var reason: Reason

        /// A decision.
        public init(item: Item, reason: Reason) {
            self.item = item
            self.reason = reason
        }
    }

    /// Output in the store.
    public private(set) var logs: [Removal<StoredLog>] = []
    /// Directories of attempts on this host.
    public private(set) var attempts: [Removal<AttemptFiles>] = []
    /// Temporary files of workers that are gone.
    public private(set) var spools: [Removal<SpoolFile>] = []
    /// Records without an experiment.
    public private(set) var leftovers: [Removal<Leftover>] = []
    /// Workspaces and pieces of files.
    public private(set) var files: [Removal<ForgottenFile>] = []
    /// Directories of unknown trials that are kept, since they are not old enough.
    public private(set) var keptUnknown: [AttemptFiles] = []

    /// Decides.
    /// - Parameters:
    ///   - now: the store's clock.
    ///   - hostNow: this host's clock, by which files are dated.
    ///   - isAlive: whether a process of this host is running.
    public init(
        of inventory: RetentionInventory,
        limits: RetentionLimits,
        now: Timestamp,
        hostNow: Timestamp,
        isAlive: (Int32) -> Bool
    ) {
        leftovers = inventory.leftovers.map { Removal(item: $0, reason: .leftover) }
        logs = Self.choose(inventory.logs, now, limits.logAge, limits.logBytes, \.bytes) { log in
            if case .finished(let end) = log.standing { end } else { nil }
        }
        attempts = Self.choose(inventory.attempts, now, limits.attemptAge, limits.attemptBytes, \.bytes) { files in
            if case .finished(let end) = files.standing { end } else { nil }
        }
        for files in inventory.attempts where files.standing == .unknown {
            if Self.isOlder(files.changedAt, than: limits.attemptAge, hostNow) {
                attempts.append(Removal(item: files, reason: .unknown))
            } else {
                keptUnknown.append(files)
            }
        }
        spools = inventory.spools.filter { spool in
            // Whose worker lives is told by its lock, not by the number of a process; a result is worth as much as a directory.
            if spool.isResult { return Self.isOlder(spool.changedAt, than: limits.attemptAge, hostNow) }
            return Self.isOlder(spool.changedAt, than: RetentionLimits.spoolAge, hostNow) && !isAlive(spool.processID)
        }.map { Removal(item: $0, reason: .leftover) }
        files = inventory.files.compactMap { file in
            if file.isOnHost {
                return Self.isOlder(file.usedAt, than: limits.attemptAge, hostNow)
                    ? Removal(item: file, reason: .age) : nil
            }
            return Self.isOlder(file.usedAt, than: RetentionLimits.fileAge, now)
                ? Removal(item: file, reason: .leftover) : nil
        }
    }

    private static func isOlder(_ moment: Timestamp, than age: Duration?, _ now: Timestamp) -> Bool {
        age.map { now - moment > $0 } ?? false
    }

    /// - Parameter end: when what the item belongs to was over; `nil` for what may not be removed.
    private static func choose<Item>(
        _ items: [Item],
        _ now: Timestamp,
        _ age: Duration?,
        _ cap: Int64?,
        _ bytes: (Item) -> Int64,
        end: (Item) -> Timestamp?
    ) -> [Removal<Item>] {
        var total = items.reduce(0) { $0 + bytes($1) }
        var chosen: [Removal<Item>] = []
        let candidates = items.enumerated().compactMap { index, item in end(item).map { (index, item, end: $0) } }
        for (_, item, end) in candidates.sorted(by: { ($0.end, $0.0) < ($1.end, $1.0) }) {
            let isOld = isOlder(end, than: age, now)
            guard isOld || cap.map({ total > $0 }) ?? false else { break }
            chosen.append(Removal(item: item, reason: isOld ? .age : .cap))
            total -= bytes(item)
        }
        return chosen
    }

    /// Whether there is nothing to remove.
    public var isEmpty: Bool {
        logs.isEmpty && attempts.isEmpty && spools.isEmpty && leftovers.isEmpty && files.isEmpty
    }

    /// Bytes that are removed from the store.
    public var storeBytes: Int64 {
        logs.reduce(0) { $0 + $1.item.bytes } + leftovers.reduce(0) { $0 + $1.item.bytes }
            + files.reduce(0) { $0 + ($1.item.isOnHost ? 0 : $1.item.bytes) }
    }

    /// Bytes that are removed from this host's work directory.
    public var hostBytes: Int64 {
        attempts.reduce(0) { $0 + $1.item.bytes } + spools.reduce(0) { $0 + $1.item.bytes }
            + files.reduce(0) { $0 + ($1.item.isOnHost ? $1.item.bytes : 0) }
    }

    /// Of these, bytes that trials left for people.
    public var artifactBytes: Int64 { attempts.reduce(0) { $0 + $1.item.artifactBytes } }
}
