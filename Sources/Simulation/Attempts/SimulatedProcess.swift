import Execution
import ExperimentModel

/// One attempt as it runs: it ends by itself, by its time-out, because it is stopped, or with its worker.
final class SimulatedProcess: Sendable {
    /// Time from SIGKILL to the end.
    private static let deathThroes: ClosedRange<Duration> = .milliseconds(1)...(.milliseconds(20))
    private static let reports = 0...3
    /// Reports of a trial that policies look at.
    private static let curveReports = 0...8
    /// How far a report of a learning curve may be above the end of the curve.
    private static let excess = 0.5
    /// Share of such reports that are not a number.
    private static let brokenReports = 0.02

    private enum Manner { case success, failure, noMetric, hanging }

    private struct State {
        var continuation: UnsafeContinuation<AttemptResult, Never>?
        var stop: StopReason?
        var isTimedOut = false
        var hasEnded = false
        var isOrphan = false
        var sequence = 0
        /// The last finite report.
        var reported: Double?
        var number = 0
        var begin: Duration = .zero
        var timeoutVersion = 0
        var isGuarded = false
        var news: [@Sendable () -> Void] = []
    }

    private let request: AttemptRequest
    private let place: Int
    private let executor: SimulatedExecutor
    private let sink: any AttemptSink
    private let value: Double
    private let manner: Manner
    private let state = Confined(State())

    init(_ request: AttemptRequest, place: Int, of executor: SimulatedExecutor, sink: any AttemptSink) {
        self.request = request
        self.place = place
        self.executor = executor
        self.sink = sink
        let manners = executor.manners
        // Drawn anew for each attempt, so that a value tells which attempt it comes from.
        value = executor.draws.unit()
        let luck = executor.draws.unit()
        let hangShare = request.timeout == nil ? 0 : manners.hangShare
        if luck < manners.failureShare {
            manner = .failure
        } else if luck < manners.failureShare + manners.noMetricShare {
            manner = .noMetric
        } else if luck < manners.failureShare + manners.noMetricShare + hangShare {
            manner = .hanging
        } else {
            manner = .success
        }
    }

    private var loop: SimulationLoop { executor.node.loop }

    func start(_ continuation: UnsafeContinuation<AttemptResult, Never>, number: Int) {
        state.value.continuation = continuation
        state.value.number = number
        let duration = executor.draws.duration(in: executor.manners.duration)
        if manner == .hanging {
            executor.counts.add(.trialHung)
        } else {
            loop.after(duration) { self.exit(byItself: true) }
            let wanted = isJudged ? executor.curveDraws.number(in: Self.curveReports) : nil
            let usual = executor.manners.isSilent ? 0 : executor.draws.number(in: Self.reports)
            let reports = executor.manners.isSilent ? 0 : wanted ?? usual
            for report in 0..<reports {
                let value = self.value(ofReport: report, of: reports)
                loop.after(duration * Double(report + 1) / Double(reports + 1)) {
                    self.report(step: report, value: value)
                }
            }
        }
        state.value.begin = loop.now
        setTimeout(request.timeout)
    }

    /// Whether policies look at what it reports.
    private var isJudged: Bool { !request.definition.earlyTermination.isEmpty }

    /// A learning curve that ends at ``value``, where policies look at it.
    private func value(ofReport report: Int, of count: Int) -> Double {
        guard isJudged, report + 1 < count else { return value }
        if executor.curveDraws.chance(Self.brokenReports) { return .nan }
        return value + Self.excess * executor.curveDraws.unit() / Double(report + 1)
    }

    /// Gives it another time-out, from its start.
    func setTimeout(_ timeout: Duration?) {
        state.value.timeoutVersion += 1
        let version = state.value.timeoutVersion
        guard let timeout else { return }
        loop.after(state.value.begin + timeout - loop.now) { [self] in
            guard !state.value.hasEnded, state.value.stop == nil, state.value.timeoutVersion == version else { return }
            state.value.isTimedOut = true
            terminate(immediately: false)
        }
    }

    /// The guard beside the worker: ends an exclusive attempt before its lease is over, whatever the worker does.
    func guardEnd(of control: AttemptControl) {
        guard !state.value.hasEnded, let end = control.leaseEnd.current else { return }
        let left = end.milliseconds - executor.node.bootNow.milliseconds
        if left <= 0 {
            state.value.isGuarded = true
            executor.counts.add(.trialGuarded)
            return exit(byItself: false)
        }
        loop.after(.milliseconds(left)) { self.guardEnd(of: control) }
    }

    private func report(step: Int, value: Double) {
        guard !state.value.hasEnded else { return }
        let sequence = state.value.sequence
        state.value.sequence += 1
        if value.isFinite { state.value.reported = value }
        let observation = Observation(
            trial: request.trial,
            attempt: request.attempt,
            sequence: sequence,
            metric: request.definition.objective.metric,
            step: Int64(step),
            value: value,
            interval: isJudged ? sequence + 1 : nil
        )
        let line = LogChunk(
            trial: request.trial,
            attempt: request.attempt,
            stream: .stdout,
            sequence: sequence,
            bytes: Array("step \(step)\n".utf8)
        )
        tell { [sink, executor, place] in
            executor.journal.report(place)
            sink.observations([observation])
            sink.log(line)
        }
    }

    /// Tells the worker something, in the order in which it happened, as soon as the worker runs.
    private func tell(_ news: @escaping @Sendable () -> Void) {
        state.value.news.append(news)
        executor.node.post { [state] in
            let all = state.value.news
            state.value.news = []
            for news in all { news() }
        }
    }

    /// Somebody wants it to end.
    func stop(_ stop: StopRequest) {
        guard !state.value.hasEnded else { return }
        state.value.stop = max(state.value.stop ?? .drained, stop.reason)
        terminate(immediately: stop.isImmediate)
    }

    private func terminate(immediately: Bool) {
        var delay = executor.draws.duration(in: Self.deathThroes)
        if !immediately {
            let isStubborn = executor.draws.chance(executor.manners.stubbornShare)
            delay += isStubborn ? request.grace : executor.draws.duration(in: .zero...request.grace)
        }
        loop.after(delay) { self.exit(byItself: false) }
    }

    /// Its worker is dead.
    func orphan(after delay: Duration) {
        state.value.isOrphan = true
        loop.after(delay) { self.exit(byItself: false) }
    }

    /// Its worker is cleared away: nobody wants to know more.
    func abandon() {
        state.value.hasEnded = true
        state.value.continuation.take()?.resume(returning: .stopped(.cancelled, AttemptOutcome(cause: .cancelled)))
    }

    private func exit(byItself: Bool) {
        guard !state.value.hasEnded else { return }
        state.value.hasEnded = true
        let result = result(byItself: byItself)
        executor.ended(place)
        executor.journal.end(place, value: result.outcome.value)
        executor.trace.note(
            executor.node.name,
            "ended \(request.trial) attempt \(request.attempt): \(result.outcome.cause.rawValue)"
        )
        if state.value.isOrphan { return }
        tell { [state, node = executor.node] in
            node.forget(state.value.number)
            state.value.continuation.take()?.resume(returning: result)
        }
    }

    private func result(byItself: Bool) -> AttemptResult {
        if state.value.isOrphan { return .stopped(.leaseLost, AttemptOutcome(cause: .lost)) }
        if state.value.isGuarded {
            return .finished(AttemptOutcome(cause: .failed, signal: LeaseEnd.signal, message: "ended by the guard"))
        }
        if let reason = state.value.stop {
            let reported = reason == .stoppedEarly ? state.value.reported : nil
            return .stopped(reason, AttemptOutcome(cause: reason.cause, value: reported))
        }
        if state.value.isTimedOut { return .finished(AttemptOutcome(cause: .timedOut, message: "took too long")) }
        switch manner {
        case .success:
            return .finished(AttemptOutcome(cause: .succeeded, value: value, exitStatus: 0, arguments: ["train"]))
        case .noMetric: return .finished(AttemptOutcome(cause: .noMetric, exitStatus: 0, message: "no report"))
        case .failure, .hanging:
            executor.counts.add(.trialFailed)
            return .finished(AttemptOutcome(cause: .failed, exitStatus: 1, message: "exit status 1"))
        }
    }
}
