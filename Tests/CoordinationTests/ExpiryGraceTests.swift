import ExperimentModel
import Testing

@testable import Coordination

@Suite("Grace before leases are judged")
struct ExpiryGraceTests {
    private static let lease: Duration = .seconds(30)
    private static let start = ContinuousClock.now

    /// A moment of the leader's clock.
    private func at(_ seconds: Double) -> ContinuousClock.Instant { Self.start.advanced(by: .seconds(seconds)) }
    /// A moment of the store's clock.
    private func store(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: Int64(seconds * 1000) + 1_000_000) }

    private func grace(isTakeover: Bool = false) -> ExpiryGrace<ContinuousClock.Instant> {
        ExpiryGrace(
            lease: Self.lease,
            longestGap: .seconds(6),
            isTakeover: isTakeover,
            at: at(0),
            storeTime: store(0)
        )
    }

    /// Whether leases may be judged after quick renewals at these moments, and an answer at each.
    private func allows(_ grace: ExpiryGrace<ContinuousClock.Instant>, until seconds: Double, from: Double) -> Bool {
        var grace = grace
        for moment in stride(from: from, through: seconds, by: 2) {
            grace.renewed(sent: at(moment), answered: at(moment + 0.01), storeTime: store(moment))
        }
        return grace.allowsExpiry(at: at(seconds + 0.02))
    }

    @Test("the first leader may judge at once, one that takes over after one lease")
    func takeover() {
        #expect(allows(grace(), until: 2, from: 2))
        #expect(!allows(grace(isTakeover: true), until: 28, from: 2))
        #expect(allows(grace(isTakeover: true), until: 30, from: 2))
    }

    @Test("after a call that failed, one lease passes from its failure on")
    func failure() {
        var grace = grace()
        grace.failed(at: at(10))
        #expect(!allows(grace, until: 38, from: 2))
        #expect(allows(grace, until: 40, from: 2))
    }

    @Test("an answer that was long in coming, or a long pause between two, counts as an outage")
    func slowness() {
        var slow = grace()
        slow.renewed(sent: at(2), answered: at(7.5), storeTime: store(7.4))
        #expect(!allows(slow, until: 35.5, from: 9.5))
        #expect(allows(slow, until: 37.5, from: 9.5))
        var paused = grace()
        paused.renewed(sent: at(6.5), answered: at(6.51), storeTime: store(6.5))
        #expect(!allows(paused, until: 34.5, from: 8.5))
        #expect(allows(paused, until: 38.5, from: 8.5))
    }

    @Test("what takes long between the renewal of the lead and the judgement counts, too")
    func slowStep() {
        var grace = grace()
        grace.renewed(sent: at(2), answered: at(2.01), storeTime: store(2))
        let isAllowed1 = grace.allowsExpiry(at: at(8))
        #expect(!isAllowed1)
        #expect(!allows(grace, until: 37, from: 9))
        #expect(allows(grace, until: 39, from: 9))
    }

    @Test(
        "a clock of the store that jumps forward starts the grace; one that is a little fast, or jumps back, does not"
    )
    func jumps() {
        var jumped = grace()
        jumped.renewed(sent: at(2), answered: at(2.01), storeTime: store(3602))
        let isAllowed2 = jumped.allowsExpiry(at: at(2.02))
        #expect(!isAllowed2)
        for moment in stride(from: 4.0, through: 30, by: 2) {
            jumped.renewed(sent: at(moment), answered: at(moment + 0.01), storeTime: store(3600 + moment))
            let isAllowed3 = jumped.allowsExpiry(at: at(moment + 0.02))
            #expect(!isAllowed3)
        }
        jumped.renewed(sent: at(32.02), answered: at(32.03), storeTime: store(3632))
        let isAllowed4 = jumped.allowsExpiry(at: at(32.04))
        #expect(isAllowed4)
        var fast = grace()
        fast.renewed(sent: at(2), answered: at(2.01), storeTime: store(3))
        let isAllowed5 = fast.allowsExpiry(at: at(2.02))
        #expect(isAllowed5)
        var back = grace()
        back.renewed(sent: at(2), answered: at(2.01), storeTime: store(-3600))
        let isAllowed6 = back.allowsExpiry(at: at(2.02))
        #expect(isAllowed6)
    }

    @Test("an outage that a leader cannot notice is shorter than a worker's lease lasts without it")
    func longestUnseenOutage() {
        // From an answer to the next call, and as long as a call may take without a grace.
        for lease in [1.0, 3, 6, 30, 3600] {
            let settings = CoordinationSettings(environment: ["HYPER_LEASE_SECONDS": "\(lease)"])
            let interval = settings?.leaderInterval.inSeconds ?? .infinity
            let unseen = interval + lease / Double(ExpiryGrace<ContinuousClock.Instant>.toleratedPart)
            #expect(unseen <= 0.6 * lease)
        }
    }
}
