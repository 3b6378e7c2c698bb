import ExperimentModel
import Logging
import Samplers
import SearchSpace

/// Leads one experiment under one lead: keeps trials ready, ends what is due, and stops when the lead is gone.
///
/// What to do is decided by ``ExperimentScheduler``; this type reads, asks it, and writes.
struct ExperimentLeader<C: Clock<Duration>> {
    /// How leading came to an end.
    enum End: Sendable {
        case finished
        case leadLost
        case stopped
    }

    /// Steps taken on one wake-up before looking at the mailbox again.
    static var largestStepCount: Int { 64 }
    /// A re-read of the open trials is due after so many intervals even when events come, in case one was missed.
    static var intervalsPerReread: Int { 5 }

    private let store: any TrialStore
    private let settings: CoordinationSettings
    private let clock: C
    private let mailbox: EventMailbox
    private let sampler: any Sampler
    private let space: SearchSpace
    private var logger: Logger

    private var lead: Lead
    private var ledger = TrialLedger()
    private var workers: [Worker] = []
    /// Local instant at which `lead.renewedAt` was the store's time.
    private var renewedAt: C.Instant
    private var nextInterval: C.Instant
    /// No lease is expired before this: workers must have had a chance to renew after an outage or takeover.
    private var expiryAllowedFrom: C.Instant
    private var intervals = 0
    private var needsFullRead = true

    init(
        lead: Lead,
        store: any TrialStore,
        settings: CoordinationSettings,
        clock: C,
        mailbox: EventMailbox,
        logger: Logger
    ) {
        self.lead = lead
        self.store = store
        self.settings = settings
        self.clock = clock
        self.mailbox = mailbox
        sampler = SamplerFactory.makeSampler(for: lead.experiment.definition)
        space = lead.experiment.definition.searchSpace
        self.logger = logger
        self.logger[metadataKey: "experiment"] = "\(lead.id)"
        let now = clock.now
        renewedAt = now
        nextInterval = now
        expiryAllowedFrom = lead.epoch > 1 ? now.advanced(by: settings.trialLease) : now
    }

    /// Leads until the experiment has ended, the lead is lost, or the task is cancelled; then gives the lead up.
    mutating func run() async -> End {
        mailbox.send(.resync)
        for await _ in mailbox.wakeUps {
            if Task.isCancelled { break }
            do {
                if try await step(mailbox.takeAll()) { return .finished }
            } catch TrialStoreError.leadLost {
                logger.warning("another server leads this experiment now")
                return .leadLost
            } catch let error as TrialStoreError where error.isRetryable {
                logger.warning("\(error)")
                // Whatever was missed meanwhile is read again, and nobody's lease is judged before they could renew.
                needsFullRead = true
                expiryAllowedFrom = clock.now.advanced(by: settings.trialLease)
            } catch {
                if Task.isCancelled { break }
                logger.error("\(error)")
                needsFullRead = true
            }
        }
        return .stopped
    }

    /// The lead as last renewed, for giving it up.
    var currentLead: Lead { lead }

    /// - Returns: whether the experiment has ended.
    private mutating func step(_ events: [StoreEvent]) async throws -> Bool {
        var isExperimentChanged = false
        var isRereadDue = needsFullRead
        for event in events {
            switch event {
            case .trial(let trial) where trial.id.experiment == lead.id: ledger.apply(trial)
            case .experiment(let id) where id == lead.id: isExperimentChanged = true
            case .resync: isRereadDue = true
            case .workers: nextInterval = min(nextInterval, clock.now)
            case .trial, .experiment, .work, .orders: break
            }
        }
        let isIntervalDue = clock.now >= nextInterval
        if isIntervalDue || isExperimentChanged { try await renew() }
        if lead.experiment.state.isTerminal { return true }
        if isIntervalDue {
            intervals += 1
            nextInterval = clock.now.advanced(by: settings.leaderInterval)
            workers = try await store.liveWorkers(within: settings.trialLease)
            if intervals.isMultiple(of: Self.intervalsPerReread) { isRereadDue = true }
        }
        if isRereadDue { try await read() }
        if isIntervalDue, clock.now >= expiryAllowedFrom { try await expire() }
        return try await act()
    }

    private mutating func renew() async throws {
        let before = clock.now
        guard let renewed = try await store.renewLead(lead, lease: settings.leadLease) else {
            throw TrialStoreError.leadLost(lead.id)
        }
        if renewedAt.duration(to: before) > settings.leadLease {
            // Nobody, workers included, may have reached the store for that long.
            expiryAllowedFrom = clock.now.advanced(by: settings.trialLease)
        }
        lead = renewed
        renewedAt = before
    }

    private mutating func read() async throws {
        let query = needsFullRead ? TrialQuery.all : .open(and: ledger.openNumbers.sorted())
        for trial in try await store.trials(of: lead.id, query) { ledger.apply(trial) }
        needsFullRead = false
    }

    private mutating func expire() async throws {
        guard ledger.count(.running) > 0 else { return }
        for trial in try await store.expireLeases(of: lead, retries: lead.experiment.definition.retries) {
            ledger.apply(trial)
            let worker = trial.attempts.last?.worker.rawValue ?? "?"
            logger.warning("trial \(trial.id.number): lease of \(worker) ran out, now \(trial.state.name)")
        }
    }

    /// The store's time, as well as it is known here.
    private var now: Timestamp { lead.renewedAt + renewedAt.duration(to: clock.now) }

    private var situation: ExperimentScheduler.Situation {
        let serving = workers.filter { $0.serves(lead.id) }
        return ExperimentScheduler.Situation(
            experiment: lead.experiment,
            now: now,
            liveSlots: serving.reduce(0) { $0 + $1.slots },
            isSamplerLearning: sampler.learnsFromResults
        )
    }

    /// - Returns: whether the experiment has ended.
    private mutating func act() async throws -> Bool {
        for _ in 0..<Self.largestStepCount {
            let actions = ExperimentScheduler.plan(situation, ledger)
            if actions.isEmpty { break }
            for action in actions { try await perform(action) }
            if lead.experiment.state.isTerminal { return true }
            if actions == [.orderCancel] { break }
        }
        return lead.experiment.state.isTerminal
    }

    private mutating func perform(_ action: ExperimentScheduler.Action) async throws {
        switch action {
        case .begin: lead.experiment = try await store.change(.begin, lead: lead)
        case .markStarted(let start): lead.experiment = try await store.change(.markStarted(start), lead: lead)
        case .reserve(let count): lead.experiment = try await store.reserveTrials(count, lead: lead)
        case .insert(let numbers): try await insert(numbers)
        case .decide(let ending):
            lead.experiment = try await store.change(.decide(ending), lead: lead)
            logger.info("ends: \(ending.reason.rawValue)")
        case .cancelNew:
            for trial in try await store.cancelNewTrials(of: lead) { ledger.apply(trial) }
            // A trial that was claimed meanwhile is no longer new: the store knows.
            try await read()
        case .orderCancel:
            try await store.orderRunningTrials(.cancel, of: lead)
            try await read()
        case .finish:
            lead.experiment = try await store.change(.finish, lead: lead)
            logger.info("is \(lead.experiment.state.rawValue)")
        }
    }

    private mutating func insert(_ numbers: [Int]) async throws {
        let history =
            sampler.learnsFromResults ? ledger.history(objective: lead.experiment.definition.objective) : TrialHistory()
        let trials = try numbers.map { number in
            let suggestion = try sampler.suggest(trial: number, history: history)
            return Trial(
                id: TrialID(experiment: lead.id, number: number),
                suggestion: suggestion,
                assignment: try space.assignment(for: suggestion),
                createdAt: now
            )
        }
        try await store.insertTrials(trials)
        for trial in trials { ledger.apply(trial) }
    }
}
