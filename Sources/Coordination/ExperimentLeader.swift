import ExperimentModel
import Logging
import Samplers
import SearchSpace
import Synchronization

/// Leads one experiment under one lead: keeps trials ready, ends what is due, and stops when the lead is gone.
///
/// What to do is decided by ``ExperimentScheduler`` and, of trials that report, by ``StoppingDesk``; this type reads, asks
/// them, and writes.
struct ExperimentLeader<C: Clock<Duration> & Sendable> where C.Instant: Sendable {
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

    /// Least time between two lines with the same error.
    static var complaintInterval: Duration { .seconds(60) }

    let store: any TrialStore
    private let settings: CoordinationSettings
    private let clock: C
    let mailbox: EventMailbox
    private let sampler: any Sampler
    private let maker: TrialMaker
    private let outage: StoreOutageLog<C>
    private(set) var logger: Logger

    private(set) var lead: Lead
    private(set) var ledger: TrialLedger
    /// Where policies judge what trials report; `nil` without policies.
    var desk: StoppingDesk?
    private var workers: [Worker] = []
    /// Local instant of the last renewal, from which the lead lasts.
    private var renewedAt: C.Instant
    /// Local instant of the answer to it: the store's time was `lead.renewedAt` then or a little before.
    private var answeredAt: C.Instant
    private var nextInterval: C.Instant
    /// Workers must have had a chance to renew after an outage or takeover.
    private var grace: ExpiryGrace<C.Instant>
    private var lastComplaint: (text: String, at: C.Instant)?
    private var intervals = 0
    private var needsFullRead = true
    /// A person changed something: trials may have become new again without an event so far.
    private var isRereadDue = false
    /// Trials of which a change was heard that does not follow what is known of them.
    private var missed: Set<Int> = []
    /// What the sampler has left, and the membership of the history for which it said so.
    private var lastRemaining: (count: Int?, membership: Int)?

    init(
        lead: Lead,
        store: any TrialStore,
        settings: CoordinationSettings,
        clock: C,
        mailbox: EventMailbox,
        sampler: any Sampler,
        outage: StoreOutageLog<C>,
        logger: Logger
    ) {
        self.lead = lead
        self.store = store
        self.settings = settings
        self.clock = clock
        self.mailbox = mailbox
        self.sampler = sampler
        self.outage = outage
        maker = TrialMaker(lead.experiment.definition, sampler: sampler)
        ledger = TrialLedger(objective: lead.experiment.definition.objective)
        ledger.judge(from: lead.experiment.reopenedAt)
        desk = StoppingDesk(lead.experiment.definition)
        self.logger = logger
        self.logger[metadataKey: "experiment"] = "\(lead.id)"
        let now = clock.now
        renewedAt = now
        answeredAt = now
        nextInterval = now
        grace = ExpiryGrace(
            lease: settings.trialLease,
            longestGap: settings.leadLease,
            isTakeover: lead.epoch > 1,
            at: now,
            storeTime: lead.renewedAt
        )
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
                outage.failed(error)
                // Whatever was missed meanwhile is read again, and nobody's lease is judged before they could renew.
                needsFullRead = true
                grace.failed(at: clock.now)
            } catch {
                if Task.isCancelled { break }
                complain("\(error)")
                needsFullRead = true
            }
        }
        return .stopped
    }

    /// Says what will not pass by itself, such as a trial that cannot be read, and not again at each turn.
    private mutating func complain(_ text: String) {
        let now = clock.now
        if let last = lastComplaint, last.text == text, last.at.duration(to: now) < Self.complaintInterval { return }
        lastComplaint = (text, now)
        logger.error("\(text)")
    }

    /// The lead as last renewed, for giving it up.
    var currentLead: Lead { lead }

    /// - Returns: whether the experiment has ended.
    private mutating func step(_ events: [StoreEvent]) async throws -> Bool {
        var isExperimentChanged = false
        if needsFullRead { isRereadDue = true }
        for event in events {
            switch event {
            case .change(let change) where change.id.experiment == lead.id:
                if ledger.apply(change) { missed.insert(change.id.number) }
            case .trial(let trial) where trial.id.experiment == lead.id: ledger.apply(trial)
            case .experiment(let id) where id == lead.id: isExperimentChanged = true
            case .report(let id, let report) where id == lead.id: desk?.hear(report)
            case .resync: isRereadDue = true
            case .workers: nextInterval = min(nextInterval, clock.now)
            case .trial, .change, .report, .experiment, .work, .delayed, .orders, .leave: break
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
        if isRereadDue {
            desk?.reread()
            try await read()
        } else {
            try await readMissed()
        }
        try await judgeReports()
        if isIntervalDue {
            // A pause since the renewal may have kept workers from renewing as well.
            try await confirmLead()
            if grace.allowsExpiry(at: clock.now) { try await expire() }
        }
        return try await act()
    }

    private mutating func renew() async throws {
        let before = clock.now
        guard let renewed = try await store.renewLead(lead, lease: settings.leadLease) else {
            throw TrialStoreError.leadLost(lead.id)
        }
        outage.answered()
        grace.renewed(sent: before, answered: clock.now, storeTime: renewed.renewedAt)
        let experiment = renewed.experiment
        lead = Lead(experiment: lead.experiment, epoch: renewed.epoch, renewedAt: renewed.renewedAt)
        renewedAt = before
        answeredAt = clock.now
        adopt(experiment)
    }

    /// Makes sure that the lead is ours, or was a moment ago, before a write in whose filter the epoch cannot stand.
    ///
    /// This process may have been paused anywhere, for as long as anybody likes. What is left, a pause between this answer and
    /// the write, each of these writes takes care of: docs/state-machines.md, "Lead".
    mutating func confirmLead() async throws {
        if renewedAt.duration(to: clock.now) >= settings.leaderInterval { try await renew() }
    }

    /// Works something out, however long it takes, and renews the lead meanwhile.
    ///
    /// Without this, two servers with a sampler that takes longer than a lease would take the lead from each other for ever.
    private mutating func keepingLead<R: Sendable>(_ work: @escaping @Sendable () -> R) async throws -> R {
        let (store, settings, clock, lead, outage) = (store, settings, clock, lead, outage)
        let contact = LastContact(clock.now)
        let result = try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { work() }
            group.addTask {
                while true {
                    try await clock.sleep(for: settings.leaderInterval)
                    do {
                        guard try await store.renewLead(lead, lease: settings.leadLease) != nil else {
                            throw TrialStoreError.leadLost(lead.id)
                        }
                        contact.state.withLock { $0.last = clock.now }
                    } catch let error as TrialStoreError where error.isRetryable {
                        outage.failed(error)
                        contact.state.withLock { $0.hasFailed = true }
                    }
                }
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
        let (last, hasFailed) = contact.state.withLock { $0 }
        if hasFailed { grace.failed(at: clock.now) } else { grace.reached(at: last) }
        return result
    }

    /// Takes in the experiment as it is now.
    private mutating func adopt(_ experiment: Experiment) {
        if experiment.revision != lead.experiment.revision { isRereadDue = true }
        lead.experiment = experiment
        ledger.judge(from: experiment.reopenedAt)
    }

    private mutating func read() async throws {
        try await take(needsFullRead ? .all : .open(and: ledger.openNumbers.union(missed).sorted()))
        needsFullRead = false
        isRereadDue = false
        missed = []
    }

    private mutating func readMissed() async throws {
        guard !missed.isEmpty else { return }
        try await take(TrialQuery(states: [], orNumbers: missed.sorted()))
        missed = []
    }

    private mutating func take(_ query: TrialQuery) async throws {
        for trial in try await store.trials(of: lead.id, query) { ledger.apply(trial) }
    }

    private mutating func expire() async throws {
        guard ledger.count(.running) > 0 else { return }
        // As of the last renewal of the lead: what an outage or a jump of the clock makes run out meanwhile is for later.
        var lead = lead
        lead.leasesJudgedAt = lead.renewedAt
        for trial in try await store.expireLeases(of: lead, retries: lead.experiment.definition.retries) {
            ledger.apply(trial)
            let worker = trial.attempts.last?.worker.rawValue ?? "?"
            let wait = trial.notBefore.map { ", to be claimed in \(max(.zero, $0 - now))" } ?? ""
            logger.warning("trial \(trial.id.number): lease of \(worker) ran out, now \(trial.state.name)\(wait)")
        }
    }

    /// The store's time, as well as it is known here: never ahead of it, so that no experiment ends before its time is over.
    private var now: Timestamp { lead.renewedAt + answeredAt.duration(to: clock.now) }

    /// What the sampler has left; asked again only when the points in its history have changed, since it may take a while.
    private mutating func remaining() -> Int? {
        if let lastRemaining, lastRemaining.membership == ledger.historyMembership { return lastRemaining.count }
        let count = sampler.remaining(history: ledger.history)
        lastRemaining = (count, ledger.historyMembership)
        return count
    }

    private mutating func situation() -> ExperimentScheduler.Situation {
        let serving = workers.filter { $0.serves(lead.experiment) }
        return ExperimentScheduler.Situation(
            experiment: lead.experiment,
            now: now,
            liveSlots: serving.reduce(0) { $0 + $1.slots },
            isSamplerLearning: sampler.learnsFromResults,
            remaining: remaining()
        )
    }

    /// - Returns: whether the experiment has ended.
    private mutating func act() async throws -> Bool {
        for _ in 0..<Self.largestStepCount {
            if isRereadDue { try await read() }
            let actions = ExperimentScheduler.plan(situation(), ledger)
            if actions.isEmpty { break }
            let revision = lead.experiment.revision
            for action in actions {
                try await perform(action)
                // The rest was planned without what a person wanted meanwhile, and would overrule it.
                if lead.experiment.revision != revision { break }
            }
            if lead.experiment.state.isTerminal { return true }
            if actions == [.orderCancel] { break }
        }
        return lead.experiment.state.isTerminal
    }

    private mutating func perform(_ action: ExperimentScheduler.Action) async throws {
        switch action {
        case .begin: adopt(try await store.change(.begin, lead: lead))
        case .markStarted(let start): adopt(try await store.change(.markStarted(start), lead: lead))
        case .reserve(let count): adopt(try await store.reserveTrials(count, lead: lead))
        case .insert(let numbers): try await insert(numbers)
        case .decide(let ending): try await decide(ending)
        case .cancelNew(let numbers):
            try await confirmLead()
            for trial in try await store.cancelNewTrials(of: lead, only: numbers) { ledger.apply(trial) }
            // A trial that was claimed meanwhile is no longer new: the store knows.
            try await read()
        case .orderCancel:
            try await confirmLead()
            try await store.orderRunningTrials(.cancel, of: lead)
            try await read()
        case .carryOutRetries:
            try await confirmLead()
            for trial in try await store.carryOutRetries(of: lead) { ledger.apply(trial) }
            try await renew()
            // Whoever had the wish may have carried it out meanwhile: then nobody has told of the trial yet, and without it
            // the experiment would seem to be at its end.
            isRereadDue = true
        case .finish:
            adopt(try await store.change(.finish, lead: lead))
            if lead.experiment.state.isTerminal { logger.info("is \(lead.experiment.state.rawValue)") }
        }
    }

    /// Without effect if a person changed something meanwhile; then the next plan knows of it.
    private mutating func decide(_ ending: ExperimentEnding) async throws {
        adopt(try await store.change(.decide(ending), lead: lead))
        if lead.experiment.ending == ending { logger.info("ends: \(ending.reason.rawValue)") }
    }

    private mutating func insert(_ numbers: [Int]) async throws {
        let (maker, experiment, known, remaining, now) = (maker, lead.experiment, ledger, remaining(), now)
        let made = try await keepingLead { () -> Result<[Trial], TrialMaker.Failure> in
            Result { () throws(TrialMaker.Failure) in
                try maker.trials(numbers, of: experiment, known, remaining: remaining, now: now)
            }
        }
        let trials: [Trial]
        switch made {
        case .success(let all): trials = all
        case .failure(let error):
            logger.error("\(error)")
            let ending = ExperimentEnding(state: .failed, reason: .invalidDefinition, message: error.description)
            return try await decide(ending)
        }
        try await confirmLead()
        let existing = try await store.insertTrials(trials)
        for trial in trials where !existing.contains(trial.id.number) { ledger.apply(trial) }
        if existing.isEmpty { return }
        // A predecessor inserted these, or a first call of ours whose reply was lost: what is stored counts.
        try await take(TrialQuery(states: [], orNumbers: existing.sorted()))
    }
}

/// When the store last answered while something was worked out.
private final class LastContact<Instant: Sendable>: Sendable {
    let state: Mutex<(last: Instant, hasFailed: Bool)>

    init(_ now: Instant) { state = Mutex((now, false)) }
}
