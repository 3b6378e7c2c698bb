import Coordination
import Execution
import ExperimentModel
import Testing

@testable import WorkerRuntime

@Suite("Lease book")
struct LeaseBookTests {
    private typealias Book = LeaseBook<ManualClock.Instant>

    private let id = TrialID(experiment: ExperimentID("es0000001"), number: 1)
    private let exclusive = LeaseTerms(isExclusive: true, grace: .seconds(10), outageLimit: .seconds(3600))
    private let patient = LeaseTerms(isExclusive: false, grace: .seconds(10), outageLimit: .seconds(600))

    private func at(_ seconds: Double) -> ManualClock.Instant { .init(offset: .seconds(seconds)) }

    /// The guard's clock shows an hour more.
    private func moment(_ seconds: Double) -> Book.Moment {
        .init(instant: at(seconds), boot: BootInstant(milliseconds: Int64(seconds * 1000) + 3_600_000))
    }

    private func book(_ terms: LeaseTerms, lease: Duration = .seconds(30)) -> Book {
        var book = Book(lease: lease)
        book.claimed(id, attempt: 1, terms, askedAt: moment(100))
        return book
    }

    private func held(_ attempt: Int = 1) -> [HeldTrial] { [HeldTrial(id: id, attempt: attempt)] }

    @Test(
        "an exclusive trial gets SIGTERM when a quarter of the lease is left before the margin, and SIGKILL at the margin"
    )
    func exclusiveEnds() {
        var book = book(exclusive)
        #expect(book.guardEnd(of: id) == BootInstant(milliseconds: 127_000 + 3_600_000))
        #expect(book.nextEnd == at(119.5))
        #expect(book.timeReached(at(119.4)) == [])
        #expect(book.timeReached(at(119.5)) == [.stop(id)])
        #expect(book.nextEnd == at(127))
        #expect(book.timeReached(at(126)) == [])
        #expect(book.timeReached(at(127)) == [.kill(id)])
        #expect(book.nextEnd == nil)
        #expect(book.timeReached(at(500)) == [])
    }

    @Test(
        "the margin is a tenth of the lease within bounds, and a short grace leaves the trial more time",
        arguments: [(1, 0.75, 0.65), (30, 27, 26.9), (3600, 3595, 3594.9)]
    )
    func margins(lease: Double, end: Double, stop: Double) {
        var terms = exclusive
        terms.grace = .milliseconds(100)
        let book = book(terms, lease: .seconds(lease))
        #expect(book.guardEnd(of: id) == moment(100).boot.advanced(by: .seconds(end)))
        #expect(book.nextEnd == at(100).advanced(by: .milliseconds(Int64(stop * 1000))))
    }

    @Test("a renewal counts from the moment when it was asked for, and moves everything")
    func renewal() {
        var book = book(exclusive)
        let end = moment(110).boot.advanced(by: .seconds(27))
        #expect(book.renewed(held(), askedAt: moment(110), now: at(115)) == [.moveEnd(id, end)])
        #expect(book.guardEnd(of: id) == end)
        #expect(book.nextEnd == at(129.5))
        // Another attempt's, and one that was overtaken.
        #expect(book.renewed(held(2), askedAt: moment(112), now: at(116)) == [])
        #expect(book.renewed(held(), askedAt: moment(105), now: at(117)) == [])
        #expect(book.nextEnd == at(129.5))
    }

    @Test("an answer that comes after the end saves nothing: the guard may have acted")
    func lateAnswer() {
        var book = book(exclusive)
        #expect(book.renewed(held(), askedAt: moment(110), now: at(127)) == [.kill(id)])
        #expect(book.isOver(id, attempt: 1, at: at(127)))
        #expect(book.nextEnd == nil)
    }

    @Test("a reply to a claim that comes late begins nothing")
    func lateClaim() {
        let book = book(exclusive)
        #expect(!book.isTooLate(id, at: at(119)))
        #expect(book.isTooLate(id, at: at(119.5)))
        #expect(!self.book(patient).isTooLate(id, at: at(500)))
    }

    @Test("an attempt that ends before its end was not ended by the guard")
    func isOver() {
        var book = book(exclusive)
        #expect(!book.isOver(id, attempt: 1, at: at(126)))
        #expect(book.isOver(id, attempt: 1, at: at(127)))
        #expect(!book.isOver(id, attempt: 2, at: at(127)))
        book.released(id, attempt: 2)
        #expect(book.isOver(id, attempt: 1, at: at(127)))
        book.released(id, attempt: 1)
        #expect(!book.isOver(id, attempt: 1, at: at(127)))
        #expect(book.timeReached(at(127)) == [])
    }

    @Test("other trials outlive their lease, until no renewal was answered for as long as the experiment allows")
    func outage() {
        var book = book(patient)
        #expect(book.guardEnd(of: id) == nil)
        #expect(book.nextEnd == nil)
        #expect(book.renewalFailed(askedAt: moment(690)) == [])
        #expect(book.renewed(held(), askedAt: moment(695), now: at(696)) == [])
        #expect(book.renewalFailed(askedAt: moment(1294)) == [])
        #expect(book.renewalFailed(askedAt: moment(1296)) == [.giveUp(id, after: .seconds(601))])
        #expect(book.renewalFailed(askedAt: moment(1400)) == [], "once is enough")
        #expect(self.book(exclusive).nextEnd != nil)
    }

    @Test("a machine that slept does not give up before it has asked again")
    func suspension() {
        var book = book(patient)
        // Asked before the machine slept for hours; the call fails when it wakes.
        #expect(book.renewalFailed(askedAt: moment(110)) == [])
        #expect(book.renewed(held(), askedAt: moment(9000), now: at(9001)) == [])
    }

    @Test("what a stored document says is brought within bounds", arguments: [-1, 0, .nan, 1e300])
    func bounds(seconds: Double) throws {
        let limit = AttemptTimes.outageLimit(seconds: seconds)
        #expect(limit > .zero && limit <= .seconds(315_360_000))
    }
}
