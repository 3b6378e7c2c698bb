public import ExperimentModel
public import Logging
import Synchronization

/// Leads experiments of a store: every unfinished one without a live leader, or only a given one.
public struct LeaderService<C: Clock<Duration> & Sendable>: Sendable where C.Instant: Sendable {
    /// Which experiments to lead.
    public enum Scope: Sendable, Hashable {
        /// Every unfinished experiment.
        case all
        /// Only this one; the service ends when it has ended.
        case only(ExperimentID)
    }

    private let store: any TrialStore
    private let scope: Scope
    private let leader: String
    private let settings: CoordinationSettings
    private let clock: C
    private let outage: StoreOutageLog<C>
    private let logger: Logger
    private let executor: (any TaskExecutor)?

    /// A service that has not begun.
    /// - Parameters:
    ///   - leader: names this server, `host:pid:` and random bits.
    ///   - executor: where to give leads up after a cancellation; Swift's own threads unless a simulation has its own.
    public init(
        store: any TrialStore,
        scope: Scope,
        leader: String,
        settings: CoordinationSettings,
        clock: C,
        logger: Logger,
        executor: (any TaskExecutor)? = nil
    ) {
        self.store = store
        self.scope = scope
        self.leader = leader
        self.settings = settings
        self.clock = clock
        self.logger = logger
        self.executor = executor
        outage = StoreOutageLog(
            clock: clock,
            logger: logger,
            consequence: "trials that run go on, and nothing is planned or expired until it is back"
        )
    }

    /// Leads until the task is cancelled or, with one experiment, until that has ended; then gives every lead up.
    ///
    /// Errors of the store that may pass are logged and waited out.
    /// - Throws: ``TrialStoreError/noSuchExperiment(_:)`` for ``Scope/only(_:)``.
    public func run() async throws {
        let router = LeaderRouter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in store.watch(.lead) { router.route(event) }
            }
            group.addTask {
                while !Task.isCancelled {
                    router.wakeAll()
                    // A cancelled sleep throws, and the condition ends the loop.
                    try? await clock.sleep(for: settings.leaderInterval)
                }
            }
            group.addTask { try await leadAll(router) }
            // The first two end only when cancelled, so whatever ends first ends all.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Leaders are children of this call, so that none outlives the service.
    private func leadAll(_ router: LeaderRouter) async throws {
        try await withThrowingDiscardingTaskGroup { leaders in
            defer { leaders.cancelAll() }
            for await _ in router.scan.wakeUps {
                _ = router.scan.takeAll()
                if Task.isCancelled { break }
                if try await isOver() { break }
                for id in await candidates() {
                    guard let mailbox = router.open(id) else { continue }
                    leaders.addTask {
                        let hasLed = await lead(id, mailbox: mailbox)
                        router.close(id)
                        // It may be over, or free to be led again: looked at now and not at the next interval. Where another
                        // server leads, or the store says no, asking again at once would go on without end.
                        if hasLed { router.scan.wake() }
                    }
                }
            }
        }
    }

    private func isOver() async throws -> Bool {
        guard case .only(let id) = scope else { return false }
        do {
            guard let experiment = try await store.experiment(id) else { throw TrialStoreError.noSuchExperiment(id) }
            return experiment.state.isTerminal
        } catch let error as TrialStoreError where error.isRetryable {
            outage.failed(error)
            return false
        }
    }

    private func candidates() async -> [ExperimentID] {
        if case .only(let id) = scope { return [id] }
        do {
            let found = try await store.experiments(ExperimentQuery(isLeaderlessOnly: true)).map(\.id)
            outage.answered()
            return found
        } catch let error as TrialStoreError where error.isRetryable {
            if !Task.isCancelled { outage.failed(error) }
            return []
        } catch {
            if !Task.isCancelled { logger.warning("\(error)") }
            return []
        }
    }

    /// - Returns: whether the lead was ours for a while and was given up in order.
    private func lead(_ id: ExperimentID, mailbox: EventMailbox) async -> Bool {
        do {
            guard let lead = try await store.takeLead(of: id, as: leader, lease: settings.leadLease) else {
                return false
            }
            logger.info("leads experiment \(id), epoch \(lead.epoch)")
            var leader = ExperimentLeader(
                lead: lead,
                store: store,
                settings: settings,
                clock: clock,
                mailbox: mailbox,
                sampler: UnusableSampler.makeSampler(for: lead.experiment.definition),
                outage: outage,
                logger: logger
            )
            guard await leader.run() != .leadLost else { return false }
            let last = leader.currentLead
            // A task of its own, awaited here: this one may be cancelled, and the lead must be given up all the same.
            try await Task(executorPreference: executor) { try await store.releaseLead(last) }.value
            return true
        } catch let error as TrialStoreError where error.isRetryable {
            if !Task.isCancelled { outage.failed(error) }
            return false
        } catch {
            if !Task.isCancelled { logger.error("experiment \(id): \(error)") }
            return false
        }
    }
}
