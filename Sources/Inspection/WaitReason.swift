public import ExperimentModel

/// Why an experiment does not go on, or slots stand idle, with what to do about it.
public struct WaitReason: Sendable, Hashable {
    /// How long new trials may wait while none runs before that is worth a word.
    public static let patience: Duration = .seconds(3)

    /// The reason without times, so that it stays the same while it holds.
    public var summary: String
    /// The reason as a person reads it now.
    public var text: String

    private init(_ text: String, summary: String? = nil) {
        self.text = text
        self.summary = summary ?? text
    }

    /// What the reasons are found from.
    public struct Circumstances: Sendable, Hashable {
        /// The experiment.
        public var experiment: Experiment
        /// Its trials by state.
        public var counts: [TrialState: Int]
        /// Its running trials.
        public var running: [Trial]
        /// Its new trials that were told to wait for their next attempt.
        public var delayed: [Trial]
        /// All live workers of the store.
        public var workers: [Worker]
        /// The store's clock when the experiment was read: leases are judged by it, since a renewal after it is not known.
        public var readAt: Timestamp
        /// The store's clock, by our reckoning.
        public var now: Timestamp
        /// How long a claim or a renewal of a trial lasts.
        public var lease: Duration
        /// Whether this process leads the experiment and runs workers for it.
        public var isOurRun: Bool
        /// How long new trials have waited while none ran; `nil` when it is not so.
        public var standstill: Duration?
        /// How long the store has not answered; `nil` when it does.
        public var silence: Duration?

        /// Circumstances as read at one moment.
        public init(
            experiment: Experiment,
            counts: [TrialState: Int],
            running: [Trial],
            delayed: [Trial] = [],
            workers: [Worker],
            readAt: Timestamp,
            now: Timestamp,
            lease: Duration,
            isOurRun: Bool = false,
            standstill: Duration? = nil,
            silence: Duration? = nil
        ) {
            self.experiment = experiment
            self.counts = counts
            self.running = running
            self.delayed = delayed
            self.workers = workers
            self.readAt = readAt
            self.now = now
            self.lease = lease
            self.isOurRun = isOurRun
            self.standstill = standstill
            self.silence = silence
        }

        func count(_ state: TrialState) -> Int { counts[state, default: 0] }

        /// New trials whose next attempt is not due.
        var waitingForTheirTime: [Trial] { delayed.filter { $0.isDelayed(at: now) } }
    }

    /// Every reason that holds, the most important first; empty when all goes well.
    public static func all(_ circumstances: Circumstances) -> [WaitReason] {
        if let silence = circumstances.silence {
            let summary = "the store does not answer"
            let text = "the store has not answered for \(Phrase.span(silence.inSeconds)); what is shown is older"
            return [WaitReason(text, summary: summary)]
        }
        let experiment = circumstances.experiment
        guard !experiment.state.isTerminal else { return [] }
        let running = circumstances.count(.running)
        var reasons: [WaitReason] = []
        if let ending = experiment.ending {
            let rest = running > 0 ? ": \(Phrase.count(running, "running trial")) must stop first" : ""
            reasons.append(WaitReason("ending (\(ending.reason.rawValue))\(rest)"))
        } else if experiment.state == .paused {
            let rest = running > 0 ? " (\(Phrase.count(running, "running trial")) may finish)" : ""
            reasons.append(WaitReason("paused by user\(rest): `hyperserver resume \(experiment.id)`"))
        }
        if let leaderless = leaderless(circumstances) { reasons.append(leaderless) }
        if let silent = silentWorkers(circumstances) { reasons.append(silent) }
        if experiment.ending == nil, experiment.state != .paused, let waiting = waiting(circumstances) {
            reasons.append(waiting)
        }
        if experiment.ending == nil, let delayed = delayed(circumstances) { reasons.append(delayed) }
        return reasons
    }

    private static func leaderless(_ circumstances: Circumstances) -> WaitReason? {
        let experiment = circumstances.experiment
        if circumstances.isOurRun { return nil }
        if let lead = experiment.lead, lead.leaseUntil > circumstances.readAt { return nil }
        // Nothing is to be done for it before it is resumed.
        if experiment.state == .paused, experiment.ending == nil, circumstances.count(.running) == 0 { return nil }
        return WaitReason("no server leads it: `hyperserver start`, or `hyperserver run --resume \(experiment.id)`")
    }

    /// Running trials whose lease has not been renewed when it should have been.
    private static func silentWorkers(_ circumstances: Circumstances) -> WaitReason? {
        // Renewals come every third of a lease.
        let latest = circumstances.readAt + circumstances.lease / 2
        let leases = circumstances.running.compactMap(\.leaseUntil).filter { $0 < latest }
        guard let last = leases.max() else { return nil }
        let (subject, verb) = leases.count == 1 ? ("a running trial", "is") : ("\(leases.count) running trials", "are")
        let summary = "no sign from the worker of \(subject)"
        let rest = Phrase.span(max(.zero, last - circumstances.now).inSeconds)
        return WaitReason("\(summary), which \(verb) taken from it in \(rest)", summary: summary)
    }

    /// Trials that wait until another attempt is due.
    private static func delayed(_ circumstances: Circumstances) -> WaitReason? {
        let delayed = circumstances.waitingForTheirTime
        guard let next = delayed.compactMap(\.notBefore).min() else { return nil }
        let (subject, verb) = (Phrase.count(delayed.count, "trial"), delayed.count == 1 ? "waits" : "wait")
        let causes = RepeatPhrase.causes(RepeatPhrase.causes(of: delayed))
        let summary = "\(subject) \(verb) for another attempt (\(causes))"
        let rest = RepeatPhrase.seconds(next - circumstances.now)
        return WaitReason("\(summary), the \(delayed.count == 1 ? "time comes" : "first") in \(rest)", summary: summary)
    }

    private static func waiting(_ circumstances: Circumstances) -> WaitReason? {
        let running = circumstances.count(.running)
        // What waits for its time is told apart.
        let delayed = circumstances.waitingForTheirTime.count
        let new = max(0, circumstances.count(.new) - delayed)
        let limits = circumstances.experiment.limits
        let subject = new > 0 ? "\(Phrase.count(new, "new trial")) \(new == 1 ? "waits" : "wait"): " : ""
        let serving = circumstances.workers.filter { $0.serves(circumstances.experiment) }
        if serving.isEmpty {
            if let lacks = ObstaclePhrase.text(circumstances.workers, for: circumstances.experiment) {
                return WaitReason("\(subject)no live worker can run it: \(lacks)")
            }
            if circumstances.isOurRun { return WaitReason("\(subject)no worker has started yet") }
            let others = circumstances.workers.count
            guard others > 0 else {
                return WaitReason("\(subject)no live worker (`hyperworker --count 2` starts one)")
            }
            let draining = circumstances.workers.filter(\.isLeaving).count
            let which =
                draining == others ? "draining" : draining > 0 ? "of other experiments or draining" : "of others"
            return WaitReason("\(subject)no live worker serves it (\(others) \(which))")
        }
        let total = serving.reduce(0) { $0 + $1.slots }
        let idle = total - running
        guard idle > 0 else { return nil }
        let slots = "\(idle) of \(Phrase.count(total, "slot")) idle"
        if let most = limits.maxConcurrentTrials, new + delayed + running >= most, running > 0 {
            return WaitReason("\(slots): max_concurrent_trials is \(most)")
        }
        if new + delayed == 0, running > 0, let most = limits.maxTrials, circumstances.experiment.nextTrial > most {
            return WaitReason("\(slots): no further trial begins, max_trials is \(most)")
        }
        if new > 0, let standstill = circumstances.standstill, standstill >= patience {
            let summary = "\(subject)workers are busy elsewhere"
            let time = Phrase.span(standstill.inSeconds)
            return WaitReason("\(subject)workers have been busy elsewhere for \(time)", summary: summary)
        }
        return nil
    }
}
