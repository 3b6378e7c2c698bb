import ExperimentModel
import Testing

@testable import TerminalView

@Suite("Rate and time left")
struct EstimateTests {
    @Test("the rate follows the last minute when there are enough outcomes in it")
    func slidingWindow() {
        var rate = RateEstimate()
        #expect(rate.perMinute(at: .zero) == nil)
        for second in 0...60 { rate.note(finished: second * 10, at: .seconds(second)) }
        #expect(rate.perMinute(at: .seconds(60)) == 600)
        // Ten times slower from now on.
        for second in 61...200 { rate.note(finished: 600 + (second - 60), at: .seconds(second)) }
        let now = rate.perMinute(at: .seconds(200)) ?? 0
        #expect((55...65).contains(now), "\(now)")
    }

    @Test("trials that take long have a rate too, and it falls while none ends")
    func slowTrials() {
        var rate = RateEstimate()
        for hour in 0...5 { rate.note(finished: hour, at: .seconds(hour * 3600)) }
        #expect(rate.perMinute(at: .seconds(5 * 3600)) == 1.0 / 60)
        #expect(rate.perMinute(at: .seconds(10 * 3600)) == 0.5 / 60)
    }

    @Test("time in which no trial runs does not count: not before the first one, not in a pause")
    func idleTime() {
        var rate = RateEstimate()
        for second in 0...50 { rate.note(finished: 0, at: .seconds(second), isIdle: true) }
        for second in 51...60 { rate.note(finished: second - 50, at: .seconds(second)) }
        #expect(rate.perMinute(at: .seconds(60)) == 60)
        rate.note(finished: 10, at: .seconds(61), isIdle: true)
        rate.note(finished: 10, at: .seconds(90), isIdle: true)
        let paused = rate.perMinute(at: .seconds(90))
        #expect(paused == rate.perMinute(at: .seconds(95)))
        rate.note(finished: 10, at: .seconds(100))
        #expect(rate.perMinute(at: .seconds(100)) == paused)
        // Trials that begin and end between two looks are work.
        rate.note(finished: 10, at: .seconds(101), isIdle: true)
        rate.note(finished: 11, at: .seconds(102), isIdle: true)
        #expect(rate.perMinute(at: .seconds(102)) == 11.0 / 13 * 60)
    }

    @Test("a trial that is tried again begins the estimate anew")
    func retried() {
        var rate = RateEstimate()
        rate.note(finished: 5, at: .zero)
        rate.note(finished: 9, at: .seconds(4))
        rate.note(finished: 8, at: .seconds(5))
        #expect(rate.perMinute(at: .seconds(5)) == nil)
    }

    @Test("time left is by rate or by max_duration, whichever ends first; unknown is said to be so")
    func timeLeft() throws {
        func left(_ limits: Limits, rate: Double?, _ change: (inout LiveSnapshot) -> Void = { _ in }) throws -> String?
        {
            var snapshot = LiveSnapshot(
                experiment: try Pictures.experiment(limits: limits),
                counts: [.done: 10],
                workers: [Pictures.worker("a")],
                now: Pictures.start + .seconds(100),
                ratePerMinute: rate
            )
            change(&snapshot)
            return TimeLeft(snapshot).text
        }
        #expect(try left(Limits(maxTrials: 40), rate: nil) == "? left")
        #expect(try left(Limits(maxTrials: 40), rate: 10) == "3m00s left")
        #expect(try left(Limits(maxTrials: 40, maxDurationSeconds: 130), rate: 10) == "30s left")
        #expect(try left(Limits(maxTrials: 40, maxDurationSeconds: 1000), rate: 10) == "3m00s left")
        #expect(try left(Limits(maxTrials: 40, maxDurationSeconds: 130), rate: nil) == "at most 30s left")
        #expect(try left(Limits(maxDurationSeconds: 4000), rate: 10) == "1h05m left")
        #expect(try left(Limits(maxTrials: 40), rate: 10) { $0.workers = [] } == "? left")
        #expect(try left(Limits(maxTrials: 40), rate: 10) { $0.experiment.state = .paused } == nil)
        #expect(try left(Limits(maxTrials: 40), rate: 10) { $0.experiment.state = .completed } == nil)
    }
}
