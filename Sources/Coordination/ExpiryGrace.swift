import ExperimentModel

/// When a leader may judge leases: only when workers could have renewed theirs for one full lease.
///
/// A lease that has run out means a dead worker only if the store was there to take its renewals. The leader sees that by its
/// own calls: one that failed, one that was answered late, a pause between two, and a clock of the store that moved on by more
/// than the time that has passed here. Each of them starts a grace of one lease. No time of its own, no I/O.
struct ExpiryGrace<Instant: InstantProtocol<Duration>> {
    /// The part of a lease that a call or a jump may take without a grace. A worker renews each third, so at least
    /// six tenths of its lease are left when the store goes away; two of these and a leader's interval are less.
    static var toleratedPart: Int { 6 }

    private let lease: Duration
    private let longestGap: Duration
    private var allowedFrom: Instant
    /// When the last answered renewal of the lead was sent and answered, and the store's time in it.
    private var sentAt: Instant
    private var answeredAt: Instant
    private var storeTime: Timestamp

    /// - Parameters:
    ///   - longestGap: between two answers, before others may have been unable to reach the store unseen.
    ///   - isTakeover: whether others led before.
    init(lease: Duration, longestGap: Duration, isTakeover: Bool, at now: Instant, storeTime: Timestamp) {
        self.lease = lease
        self.longestGap = longestGap
        sentAt = now
        answeredAt = now
        self.storeTime = storeTime
        allowedFrom = isTakeover ? now.advanced(by: lease) : now
    }

    private var tolerated: Duration { lease / Self.toleratedPart }

    /// A call of the store failed.
    mutating func failed(at now: Instant) { begin(now) }

    /// The lead was renewed.
    /// - Parameters:
    ///   - sent: when the call was made.
    ///   - answered: when its answer came.
    ///   - time: the store's time in it.
    mutating func renewed(sent: Instant, answered: Instant, storeTime time: Timestamp) {
        let isLate = sent.duration(to: answered) > tolerated || answeredAt.duration(to: answered) > longestGap
        // At most so much time can have passed between the two moments at which the store looked at its clock.
        let hasJumped = time - storeTime > sentAt.duration(to: answered) + tolerated
        if isLate || hasJumped { begin(answered) }
        (sentAt, answeredAt, storeTime) = (sent, answered, time)
    }

    /// Whether leases may be judged now. What came between the last renewal of the lead and now must have been quick, too.
    mutating func allowsExpiry(at now: Instant) -> Bool {
        if sentAt.duration(to: now) > tolerated { begin(now) }
        return now >= allowedFrom
    }

    private mutating func begin(_ now: Instant) { allowedFrom = max(allowedFrom, now.advanced(by: lease)) }
}
