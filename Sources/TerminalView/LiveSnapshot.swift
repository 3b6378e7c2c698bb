public import ExperimentModel
public import Inspection

/// Everything that one frame shows.
public struct LiveSnapshot: Sendable, Hashable {
    /// A running trial with its learning curve.
    public struct RunningTrial: Sendable, Hashable {
        /// The trial.
        public var trial: Trial
        /// What its current attempt has reported of the objective; `nil` when nothing.
        public var curve: CurveSketch?

        /// A running trial.
        public init(trial: Trial, curve: CurveSketch? = nil) {
            self.trial = trial
            self.curve = curve
        }
    }

    /// The experiment as last read.
    public var experiment: Experiment
    /// Its trials by state.
    public var counts: [TrialState: Int]
    /// The best trial so far.
    public var best: Trial?
    /// Trials that run, by number.
    public var running: [RunningTrial]
    /// New trials that were told to wait for their next attempt.
    public var delayed: [Trial]
    /// Why trials failed, counted.
    public var failures: [TrialCause: Int]
    /// How many trials a policy stopped.
    public var stopped: Int
    /// All live workers of the store.
    public var workers: [Worker]
    /// The store's clock, by our reckoning.
    public var now: Timestamp
    /// The store's clock when the experiment was read: leases are judged by it, since a renewal after it is not known.
    public var readAt: Timestamp
    /// Trials that get their outcome in a minute; `nil` while unknown.
    public var ratePerMinute: Double?
    /// How long the store has not answered; `nil` when it does.
    public var silence: Duration?
    /// How long new trials have waited while none ran; `nil` when it is not so.
    public var standstill: Duration?
    /// How long a claim or a renewal of a trial lasts.
    public var lease: Duration
    /// Whether this process leads the experiment and runs workers for it.
    public var isOurRun: Bool

    /// A picture of an experiment.
    public init(
        experiment: Experiment,
        counts: [TrialState: Int] = [:],
        best: Trial? = nil,
        running: [RunningTrial] = [],
        delayed: [Trial] = [],
        failures: [TrialCause: Int] = [:],
        stopped: Int = 0,
        workers: [Worker] = [],
        now: Timestamp,
        readAt: Timestamp? = nil,
        ratePerMinute: Double? = nil,
        silence: Duration? = nil,
        standstill: Duration? = nil,
        lease: Duration = .seconds(30),
        isOurRun: Bool = false
    ) {
        self.experiment = experiment
        self.counts = counts
        self.best = best
        self.running = running
        self.delayed = delayed
        self.failures = failures
        self.stopped = stopped
        self.workers = workers
        self.now = now
        self.readAt = readAt ?? now
        self.ratePerMinute = ratePerMinute
        self.silence = silence
        self.standstill = standstill
        self.lease = lease
        self.isOurRun = isOurRun
    }

    /// What reasons to wait are found from.
    var circumstances: WaitReason.Circumstances {
        WaitReason.Circumstances(
            experiment: experiment,
            counts: counts,
            running: running.map(\.trial),
            delayed: delayed,
            workers: workers,
            readAt: readAt,
            now: now,
            lease: lease,
            isOurRun: isOurRun,
            standstill: standstill,
            silence: silence
        )
    }

    func count(_ state: TrialState) -> Int { counts[state, default: 0] }

    /// Trials that have their outcome.
    var finished: Int { counts.filter { $0.key.isTerminal }.values.reduce(0, +) }

    /// Live workers that would claim trials of this experiment.
    var serving: [Worker] { workers.filter { $0.serves(experiment) } }

    /// Slots of live workers that would claim trials of this experiment.
    var slots: Int { serving.reduce(0) { $0 + $1.slots } }

    /// Whether a server led it when it was read.
    var isLed: Bool { leadTime.map { $0 > .zero } ?? false }

    /// How long the lead lasted when the experiment was read; `nil` when there was none.
    var leadTime: Duration? { experiment.state.isTerminal ? nil : experiment.lead.map { $0.leaseUntil - readAt } }

    /// Seconds since the first claim without pauses; `nil` before it.
    var activeSeconds: Double? { experiment.activeDuration(at: now)?.inSeconds }
}
