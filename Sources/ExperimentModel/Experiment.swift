/// A stored experiment: its definition and where it stands.
public struct Experiment: Sendable, Hashable {
    /// Its name.
    public var id: ExperimentID
    /// What the user asked for.
    public var definition: ExperimentDefinition
    /// What ends it or holds trials back, as it is now: a person may change what the definition began with.
    public var limits: Limits
    /// Points that people added later, in the order of their trials; those that have their trial stay in the list.
    public var enqueued: [EnqueuedPoint]
    /// Grows by one whenever a person changes limits, adds a point or asks for another attempt. A leader decides an ending
    /// only on the revision that it knows, so that no such wish gets lost.
    public var revision: Int
    /// Numbers of trials that a person wants tried again and that are not new yet; the experiment ends after they are.
    public var retrying: [Int]
    /// Where it stands.
    public var state: ExperimentState
    /// How it is ending or has ended; set once, before the state becomes terminal.
    public var ending: ExperimentEnding?
    /// Who leads it, and until when.
    public var lead: LeadRecord?
    /// Grows by one with every change of the leader; the fence of a leader's writes.
    public var epoch: Int
    /// The number that the next new trial gets; every smaller number is promised.
    public var nextTrial: Int
    /// When it was stored, by the database's clock.
    public var createdAt: Timestamp
    /// When its first trial was claimed.
    public var startedAt: Timestamp?
    /// When it was paused; `nil` unless it is.
    public var pausedAt: Timestamp?
    /// Time spent in earlier pauses since the first claim, in milliseconds; `max_duration` does not count it.
    public var pausedMilliseconds: Int64
    /// When it became terminal.
    public var finishedAt: Timestamp?
    /// When a person last made it go on after its end.
    public var reopenedAt: Timestamp?

    /// A new experiment.
    public init(id: ExperimentID, definition: ExperimentDefinition, createdAt: Timestamp) {
        self.id = id
        self.definition = definition
        limits = definition.limits
        enqueued = []
        revision = 0
        retrying = []
        state = .created
        epoch = 0
        nextTrial = 1
        pausedMilliseconds = 0
        self.createdAt = createdAt
    }

    /// Who leads it at a moment of the database's clock; `nil` when nobody does.
    public func lead(at now: Timestamp) -> LeadRecord? {
        lead.flatMap { $0.leaseUntil > now ? $0 : nil }
    }

    /// Time since the first claim without pauses; `nil` before it.
    public func activeDuration(at now: Timestamp) -> Duration? {
        guard let startedAt else { return nil }
        let end = pausedAt ?? finishedAt ?? now
        return (max(end, startedAt) - startedAt) - .milliseconds(pausedMilliseconds)
    }
}

/// Who leads an experiment, and until when.
public struct LeadRecord: Sendable, Hashable {
    /// The leader, `host:pid:` and random bits like a worker.
    public var leader: String
    /// When the lease ends, by the database's clock.
    public var leaseUntil: Timestamp

    /// A record of a lead.
    public init(leader: String, leaseUntil: Timestamp) {
        self.leader = leader
        self.leaseUntil = leaseUntil
    }
}
