import ExperimentModel
import Glibc
import Synchronization
import Testing

@testable import Execution

@Suite("A time-out that changes while the attempt runs", .timeLimit(.minutes(3)))
struct TimeoutChangeTests {
    private let start = ContinuousClock.now

    private func lifecycle(_ timeout: Duration?) -> AttemptLifecycle {
        AttemptLifecycle(startedAt: start, timeout: timeout, grace: .seconds(5))
    }

    @Test("a longer one is measured from the start")
    func longer() {
        var life = lifecycle(.seconds(10))
        #expect(life.timeoutChanged(.seconds(60), at: start + .seconds(9)) == [])
        #expect(life.deadline == start + .seconds(60))
        #expect(life.timeReached(start + .seconds(10)) == [])
        #expect(life.timeReached(start + .seconds(60)) == [.terminateGroup])
        #expect(life.intervention == .timeout)
    }

    @Test("a shorter one that is over already ends the attempt at once, one that is not does so in its time")
    func shorter() {
        var over = lifecycle(nil)
        #expect(over.timeoutChanged(.seconds(5), at: start + .seconds(5)) == [.terminateGroup])
        #expect(over.intervention == .timeout && over.deadline == start + .seconds(10))
        var later = lifecycle(.seconds(60))
        #expect(later.timeoutChanged(.seconds(5), at: start + .seconds(4)) == [])
        #expect(later.timeReached(start + .seconds(5)) == [.terminateGroup])
    }

    @Test("without one the attempt runs on")
    func none() {
        var life = lifecycle(.seconds(10))
        #expect(life.timeoutChanged(nil, at: start + .seconds(1)) == [])
        #expect(life.deadline == nil)
        #expect(life.timeReached(start + .seconds(9999)) == [])
        #expect(life.state == .running)
    }

    @Test("what is being ended is ended, and keeps its grace")
    func late() {
        var timedOut = lifecycle(.seconds(1))
        #expect(timedOut.timeReached(start + .seconds(1)) == [.terminateGroup])
        #expect(timedOut.timeoutChanged(nil, at: start + .seconds(2)) == [])
        #expect(timedOut.deadline == start + .seconds(6))
        var stopped = lifecycle(nil)
        _ = stopped.stopRequested(StopRequest(reason: .drained, isImmediate: false), at: start)
        #expect(stopped.timeoutChanged(.zero, at: start + .seconds(1)) == [])
        #expect(stopped.intervention == .stop(.drained))
        var ended = lifecycle(nil)
        _ = ended.leaderExited(at: start)
        #expect(ended.timeoutChanged(.zero, at: start) == [])
        #expect(ended.state == .draining)
    }

    @Test("a control tells a handler that comes late of the last one, and then of each")
    func control() {
        let control = AttemptControl()
        #expect(control.timeoutChange == nil)
        control.setTimeout(.seconds(5))
        control.setTimeout(nil)
        let changes = Mutex<[Duration?]>([])
        control.onTimeoutChange { change in changes.withLock { $0.append(change.timeout) } }
        control.setTimeout(.seconds(7))
        control.onTimeoutChange(nil)
        control.setTimeout(.seconds(8))
        #expect(changes.withLock { $0 } == [nil, .seconds(7)])
        #expect(control.timeoutChange == TimeoutChange(timeout: .seconds(8)))
        #expect(control.stopRequest == nil)
    }

    @Test("a process that runs is ended by a shorter one")
    func runningProcess() async throws {
        let lab = try Lab()
        async let end = lab.run("echo begun; sleep 600", timeout: 600, grace: 0)
        await lab.sink.waitForOutput("begun")
        lab.control.setTimeout(.milliseconds(1))
        let outcome = try await end.outcome
        #expect(outcome.cause == .timedOut && outcome.signal == SIGKILL)
    }

    @Test("a process lives on with a longer one, also when that came before it started")
    func longerProcess() async throws {
        let lab = try Lab()
        lab.control.setTimeout(nil)
        let outcome = try await lab.run("sleep 0.3; echo loss=0.5", timeout: 0.001).outcome
        #expect(outcome.cause == .succeeded && outcome.value == 0.5)
    }

    @Test("a process that is stopped early ends with the last finite objective that it reported")
    func stoppedEarly() async throws {
        let lab = try Lab()
        async let end = lab.run("echo loss=0.5; echo loss=nan; echo begun; sleep 600", grace: 0)
        await lab.sink.waitForOutput("begun")
        lab.control.stop(.stoppedEarly)
        guard case .stopped(.stoppedEarly, let outcome) = try await end else { throw CancellationError() }
        #expect(outcome.cause == .stoppedEarly && outcome.value == 0.5)
    }
}
