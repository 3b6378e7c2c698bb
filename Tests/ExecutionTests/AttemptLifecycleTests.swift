import Testing

@testable import Execution

@Suite("Attempt lifecycle")
struct AttemptLifecycleTests {
    private let start = ContinuousClock.now

    private func lifecycle(timeout: Duration? = nil, grace: Duration = .seconds(10)) -> AttemptLifecycle {
        AttemptLifecycle(startedAt: start, timeout: timeout, grace: grace)
    }

    @Test("a process that ends by itself has its group killed and its output drained")
    func natural() {
        var life = lifecycle()
        #expect(life.leaderExited(at: start) == [.killGroup])
        #expect(life.outputEnded() == [.finish])
        #expect(life.intervention == nil)
        #expect(life.deadline == nil)
    }

    @Test("output that does not end is given up after the drain time")
    func straggler() {
        var life = lifecycle()
        _ = life.leaderExited(at: start)
        #expect(life.timeReached(start) == [])
        #expect(life.timeReached(start + AttemptLifecycle.drainTimeout) == [.finish])
    }

    @Test("output that ends before the process does not end the attempt")
    func closedOutput() {
        var life = lifecycle()
        #expect(life.outputEnded() == [])
        #expect(life.state == .running)
    }

    @Test("a time-out terminates, and kills after the grace")
    func timeout() {
        var life = lifecycle(timeout: .seconds(60), grace: .seconds(5))
        #expect(life.timeReached(start + .seconds(59)) == [])
        #expect(life.timeReached(start + .seconds(60)) == [.terminateGroup])
        #expect(life.timeReached(start + .seconds(64)) == [])
        #expect(life.timeReached(start + .seconds(65)) == [.killGroup])
        #expect(life.timeReached(start + .seconds(999)) == [])
        #expect(life.leaderExited(at: start + .seconds(66)) == [.killGroup])
        #expect(life.intervention == .timeout)
    }

    @Test("a stop terminates; an immediate one kills, also on top of an earlier stop")
    func stops() {
        var life = lifecycle()
        #expect(life.stopRequested(StopRequest(reason: .drained, isImmediate: false), at: start) == [.terminateGroup])
        #expect(life.stopRequested(StopRequest(reason: .drained, isImmediate: false), at: start) == [])
        #expect(life.stopRequested(StopRequest(reason: .leaseLost, isImmediate: true), at: start) == [.killGroup])
        #expect(life.stopRequested(StopRequest(reason: .cancelled, isImmediate: true), at: start) == [])
        #expect(life.intervention == .stop(.leaseLost))
        var other = lifecycle(grace: .zero)
        #expect(other.stopRequested(StopRequest(reason: .cancelled, isImmediate: false), at: start) == [.killGroup])
    }

    @Test("a stop after the end changes nothing, and one after a time-out is a stop")
    func late() {
        var life = lifecycle(timeout: .seconds(1))
        _ = life.timeReached(start + .seconds(1))
        _ = life.stopRequested(StopRequest(reason: .cancelled, isImmediate: false), at: start)
        #expect(life.intervention == .stop(.cancelled))
        var ended = lifecycle()
        _ = ended.leaderExited(at: start)
        #expect(ended.stopRequested(StopRequest(reason: .cancelled, isImmediate: true), at: start) == [])
        #expect(ended.intervention == nil)
    }

    @Test("a control keeps the strongest reason and tells a handler that comes late")
    func control() {
        let control = AttemptControl()
        control.stop(.cancelled)
        control.stop(.drained, immediately: true)
        #expect(control.stopRequest == StopRequest(reason: .cancelled, isImmediate: true))
        let sink = Requests()
        control.onStop { sink.append($0) }
        control.stop(.leaseLost)
        control.onStop(nil)
        control.stop(.leaseLost)
        #expect(sink.all.map(\.reason) == [.cancelled, .leaseLost])
    }
}
