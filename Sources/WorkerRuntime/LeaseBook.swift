import Coordination
import Execution
import ExperimentModel

/// Until when the leases of a worker's trials surely hold, by the worker's own clock, and what follows from it: a state
/// machine without time or I/O.
///
/// ```
///             asked        stop begins              end            lease over
/// exclusive     ├───────────────┼────────────────────┼──────────────────┤
///               SIGTERM at most ┘  a quarter of it   └─ SIGKILL ─ margin ┘
/// ```
///
/// The store counts a lease from the moment when it answers, which is after the moment when it was asked: so a lease lasts at
/// least from the latter. Both clocks run at the same speed; what they may differ, and the time that a killed process takes to
/// be gone, is in the margin. An answered renewal moves all of it.
struct LeaseBook<Instant: InstantProtocol & Sendable>: Sendable where Instant.Duration == Duration {
    /// A moment by the worker's clock and by the guard's, read before a call to the store.
    struct Moment: Sendable, Equatable {
        var instant: Instant
        var boot: BootInstant
    }

    /// What to do.
    enum Action: Sendable, Equatable {
        /// An exclusive trial has to end: SIGTERM.
        case stop(TrialID)
        /// Its time is over: SIGKILL.
        case kill(TrialID)
        /// The store was away for longer than the experiment allows: SIGTERM, and SIGKILL after the grace.
        case giveUp(TrialID, after: Duration)
        /// The guard has a new end for an exclusive trial.
        case moveEnd(TrialID, BootInstant)
    }

    private enum Phase: Sendable, Equatable { case held, stopping, over }

    private struct Entry: Sendable, Equatable {
        var attempt: Int
        var terms: LeaseTerms
        /// When the store was last asked for the lease with an answer.
        var asked: Moment
        var phase: Phase = .held
    }

    private var entries: [TrialID: Entry] = [:]
    private let lease: Duration

    /// A book of leases of one length.
    init(lease: Duration) { self.lease = lease }

    /// How long before the lease everything must have ended: a tenth of it, within bounds.
    static func margin(of lease: Duration) -> Duration { min(max(lease / 10, .milliseconds(250)), .seconds(5)) }

    /// Time from asking to the end of everything.
    private var span: Duration { lease - Self.margin(of: lease) }

    /// Time from asking to the first signal: what fits of the grace, so that two renewals may fail first.
    private func calmSpan(_ terms: LeaseTerms) -> Duration { span - min(terms.grace, lease / 4) }

    /// A trial was claimed.
    mutating func claimed(_ id: TrialID, attempt: Int, _ terms: LeaseTerms, askedAt asked: Moment) {
        entries[id] = Entry(attempt: attempt, terms: terms, asked: asked)
    }

    /// Nothing of an attempt is running any more.
    mutating func released(_ id: TrialID, attempt: Int) {
        if entries[id]?.attempt == attempt { entries[id] = nil }
    }

    /// The guard's end of an exclusive trial; `nil` of others.
    func guardEnd(of id: TrialID) -> BootInstant? {
        guard let entry = entries[id], entry.terms.isExclusive else { return nil }
        return entry.asked.boot.advanced(by: span)
    }

    /// Whether an exclusive trial would have to stop as soon as it began: the reply to its claim came late.
    func isTooLate(_ id: TrialID, at now: Instant) -> Bool {
        guard let entry = entries[id], entry.terms.isExclusive else { return false }
        return now >= entry.asked.instant.advanced(by: calmSpan(entry.terms))
    }

    /// Whether the end of an exclusive attempt has passed, so that the guard may have killed it.
    func isOver(_ id: TrialID, attempt: Int, at now: Instant) -> Bool {
        guard let entry = entries[id], entry.attempt == attempt, entry.terms.isExclusive else { return false }
        return entry.phase == .over || now >= entry.asked.instant.advanced(by: span)
    }

    /// Takes in an answered renewal. Trials that it does not name are the business of ``SlotBoard``.
    mutating func renewed(_ answer: [HeldTrial], askedAt asked: Moment, now: Instant) -> [Action] {
        var actions = timeReached(now)
        for held in answer {
            guard var entry = entries[held.id], entry.attempt == held.attempt, entry.asked.instant < asked.instant
            else { continue }
            entry.asked = asked
            entries[held.id] = entry
            if entry.terms.isExclusive, entry.phase != .over {
                actions.append(.moveEnd(held.id, asked.boot.advanced(by: span)))
            }
        }
        return actions
    }

    /// Takes in a renewal without an answer. Not the moment of its failure counts: that may come after a long suspension,
    /// and the next try may find the store.
    mutating func renewalFailed(askedAt asked: Moment) -> [Action] {
        var actions: [Action] = []
        for (id, entry) in entries.sorted(by: { $0.key < $1.key })
        where !entry.terms.isExclusive && entry.phase == .held {
            let outage = entry.asked.instant.duration(to: asked.instant)
            guard outage >= entry.terms.outageLimit else { continue }
            entries[id]?.phase = .stopping
            actions.append(.giveUp(id, after: outage))
        }
        return actions
    }

    /// Time has passed; to be called when ``nextEnd`` is reached.
    mutating func timeReached(_ now: Instant) -> [Action] {
        var actions: [Action] = []
        for (id, entry) in entries.sorted(by: { $0.key < $1.key }) where entry.terms.isExclusive && entry.phase != .over
        {
            if now >= entry.asked.instant.advanced(by: span) {
                entries[id]?.phase = .over
                actions.append(.kill(id))
            } else if entry.phase == .held, now >= entry.asked.instant.advanced(by: calmSpan(entry.terms)) {
                entries[id]?.phase = .stopping
                actions.append(.stop(id))
            }
        }
        return actions
    }

    /// When something has to end, unless a renewal comes before; `nil` without exclusive trials.
    var nextEnd: Instant? {
        entries.values.filter { $0.terms.isExclusive && $0.phase != .over }
            .map { $0.asked.instant.advanced(by: $0.phase == .held ? calmSpan($0.terms) : span) }.min()
    }
}
