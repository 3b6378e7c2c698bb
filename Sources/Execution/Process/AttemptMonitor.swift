import ExperimentModel
import Glibc

/// One running attempt as the thread of ``AttemptReactor`` sees it: its states, its output and its metrics.
///
/// Confined to that thread.
final class AttemptMonitor {
    /// How often the metrics file and the gathered output are looked at.
    static let pollInterval: Duration = .milliseconds(500)
    /// Least time between two deliveries of printed reports, unless many have gathered: the first goes at once.
    static let reportInterval: Duration = .milliseconds(50)
    /// The same where a policy waits for the reports.
    static let judgedReportInterval: Duration = .milliseconds(5)
    /// The same without a pidfd, when the end of the process has to be looked for.
    static let pollIntervalWithoutDescriptor: Duration = .milliseconds(20)

    let process: SupervisedProcess
    /// Set when everything is over.
    private(set) var report: SupervisionReport?

    private let settings: SupervisionSettings
    private var lifecycle: AttemptLifecycle
    private var log: CappedLog
    private var errorTail = ErrorTail()
    private var collector: ObservationCollector
    private var scanners: [LogChunk.Stream: OutputScanner]
    private let metricsFile: MetricsFileTail
    private let hypertuneFile: HypertuneFile
    private let reportInterval: Duration
    private var openStreams: Set<LogChunk.Stream> = [.stdout, .stderr]
    private var nextPoll: ContinuousClock.Instant
    /// Reports may be handed over again from this moment on.
    private var nextDelivery: ContinuousClock.Instant
    /// Whether reports wait for it.
    private var isDeliveryDue = false

    init(_ process: SupervisedProcess, _ settings: SupervisionSettings, at now: ContinuousClock.Instant) {
        self.process = process
        self.settings = settings
        lifecycle = AttemptLifecycle(startedAt: process.startedAt, timeout: settings.timeout, grace: settings.grace)
        log = CappedLog(trial: settings.trial, attempt: settings.attempt, capBytes: settings.outputCapBytes)
        collector = ObservationCollector(
            trial: settings.trial,
            attempt: settings.attempt,
            objective: settings.objective,
            metrics: settings.metrics,
            isJudged: settings.isJudged,
            hasPatterns: !settings.patterns.isEmpty
        )
        scanners = [:]
        for stream in LogChunk.Stream.allCases { scanners[stream] = OutputScanner(stream, patterns: settings.patterns) }
        metricsFile = MetricsFileTail(path: settings.directory.metricsFile)
        hypertuneFile = HypertuneFile(path: settings.directory.hypertuneFile)
        reportInterval = settings.isJudged ? Self.judgedReportInterval : Self.reportInterval
        nextPoll = now
        nextDelivery = now
        scheduleNextPoll(after: now)
        // What was wished before the process was known here.
        if let change = settings.control.timeoutChange { setTimeout(change, at: now) }
        if let request = settings.control.stopRequest { stop(request, at: now) }
    }

    /// When ``timeReached(_:)`` wants to be called.
    var nextDeadline: ContinuousClock.Instant {
        let next = min(lifecycle.deadline ?? nextPoll, nextPoll)
        return isDeliveryDue ? min(next, nextDelivery) : next
    }

    func stop(_ request: StopRequest, at now: ContinuousClock.Instant) {
        perform(lifecycle.stopRequested(request, at: now))
    }

    func setTimeout(_ change: TimeoutChange, at now: ContinuousClock.Instant) {
        perform(lifecycle.timeoutChanged(change.timeout, at: now))
    }

    func output(_ bytes: UnsafeRawBufferPointer, of stream: LogChunk.Stream, at now: ContinuousClock.Instant) {
        for chunk in log.append(bytes, to: stream, at: now) { settings.sink.log(chunk) }
        if stream == .stderr { errorTail.append(bytes) }
        scan(stream) { scanner, take in scanner.feed(bytes, take) }
        deliverSoon(at: now)
    }

    /// Something was written in the attempt's directory.
    func filesChanged(at now: ContinuousClock.Instant) {
        guard report == nil else { return }
        pollFiles()
        deliverSoon(at: now)
    }

    func outputEnded(_ stream: LogChunk.Stream) {
        openStreams.remove(stream)
        if openStreams.isEmpty { perform(lifecycle.outputEnded()) }
    }

    func leaderExited(at now: ContinuousClock.Instant) {
        perform(lifecycle.leaderExited(at: now))
        if openStreams.isEmpty { perform(lifecycle.outputEnded()) }
    }

    func timeReached(_ now: ContinuousClock.Instant) {
        perform(lifecycle.timeReached(now))
        guard report == nil else { return }
        if isDeliveryDue, now >= nextDelivery { deliver(at: now) }
        guard now >= nextPoll else { return }
        scheduleNextPoll(after: now)
        if process.processDescriptor < 0, hasLeaderExited() { return leaderExited(at: now) }
        pollFiles()
        for chunk in log.flush(at: now) { settings.sink.log(chunk) }
        deliver(at: now)
    }

    /// Whether the leader's end has been seen, so that its pidfd need not be watched any more.
    var isDraining: Bool { lifecycle.state == .draining || lifecycle.state == .ended }

    // MARK: - Doing what the lifecycle says

    private func perform(_ actions: [AttemptLifecycle.Action]) {
        for action in actions {
            switch action {
            case .terminateGroup:
                if let signals = process.signals {
                    signals.terminate()
                    continue
                }
                signalGroup(SIGTERM)
                // A stopped process would not see SIGTERM.
                signalGroup(SIGCONT)
            case .killGroup:
                // When the leader has exited, what is left of its group is all that is left here.
                if let signals = process.signals, lifecycle.state == .killed {
                    signals.kill()
                } else {
                    signalGroup(SIGKILL)
                }
            case .finish: finish()
            }
        }
    }

    /// The leader is not reaped yet, so the number of the group cannot have gone to anybody else.
    private func signalGroup(_ signal: Int32) {
        // 0 is our own group, and 1 would be everything.
        precondition(process.processID > 1)
        kill(-process.processID, signal)
    }

    private func hasLeaderExited() -> Bool {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(process.processID), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else {
            return true
        }
        return information.si_signo == SIGCHLD
    }

    private func finish() {
        // The files first, as during the run: an explicit report outranks a printed one.
        metricsFile.finish { [self] reports in collector.take(reports, from: .metricsFile) }
        hypertuneFile.poll { [self] reports in collector.take(reports, from: .hypertune) }
        for stream in LogChunk.Stream.allCases { scan(stream) { scanner, take in scanner.finish(take) } }
        deliver(collector.finish())
        let dropped = log.droppedBytes
        for chunk in log.finish() { settings.sink.log(chunk) }
        report = SupervisionReport(
            intervention: lifecycle.intervention,
            verdict: collector.verdict,
            value: collector.value,
            lastFiniteValue: collector.lastFiniteValue,
            errorTail: errorTail.text,
            droppedBytes: dropped,
            droppedObservations: collector.dropped,
            hasStraggler: !openStreams.isEmpty
        )
    }

    // MARK: - Metrics

    private func scan(
        _ stream: LogChunk.Stream,
        _ body: (inout OutputScanner, ([MetricReport], ObservationCollector.Channel) -> Void) -> Void
    ) {
        guard var scanner = scanners.removeValue(forKey: stream) else { return }
        body(&scanner) { reports, channel in
            // What stands in a file by now was written before this line was read: it has its chance to be first.
            if collector.settlesChannel(reports) { pollFiles() }
            collector.take(reports, from: channel)
        }
        scanners[stream] = scanner
    }

    private func pollFiles() {
        metricsFile.poll { [self] reports in collector.take(reports, from: .metricsFile) }
        hypertuneFile.poll { [self] reports in collector.take(reports, from: .hypertune) }
    }

    /// At once when nothing was delivered lately, or much waits.
    private func deliverSoon(at now: ContinuousClock.Instant) {
        if collector.hasFullBatch { return deliver(at: now) }
        if collector.hasWaiting { if now >= nextDelivery { deliver(at: now) } else { isDeliveryDue = true } }
    }

    private func deliver(at now: ContinuousClock.Instant) {
        isDeliveryDue = false
        nextDelivery = now + reportInterval
        deliver(collector.drain())
    }

    private func deliver(_ observations: [Observation]) {
        if !observations.isEmpty { settings.sink.observations(observations) }
    }

    private func scheduleNextPoll(after now: ContinuousClock.Instant) {
        nextPoll = now + (process.processDescriptor < 0 ? Self.pollIntervalWithoutDescriptor : Self.pollInterval)
    }
}
