import ExperimentModel
import Testing

@testable import Execution

@Suite("Attempt monitor")
struct AttemptMonitorTests {
    private let start = ContinuousClock.now

    private func monitor(_ sink: any AttemptSink, isJudged: Bool = false) throws -> AttemptMonitor {
        let trial = TrialID(experiment: ExperimentID("es0000001"), number: 1)
        return AttemptMonitor(
            // No process: nothing in these tests signals or reaps one, and none has this number.
            SupervisedProcess(
                processID: .max,
                processDescriptor: 1,
                standardOutput: -1,
                standardError: -1,
                startedAt: start
            ),
            SupervisionSettings(
                trial: trial,
                attempt: 1,
                objective: Objective(metric: "loss", goal: .minimize),
                metrics: [],
                isJudged: isJudged,
                directory: try AttemptDirectory(root: "/nonexistent", trial: trial, attempt: 1),
                grace: .seconds(1),
                outputCapBytes: 1 << 20,
                control: AttemptControl(),
                sink: sink
            ),
            at: start
        )
    }

    private func print(_ line: String, to monitor: AttemptMonitor, after delay: Duration) {
        Array((line + "\n").utf8).withUnsafeBytes { monitor.output($0, of: .stdout, at: start + delay) }
    }

    @Test("the first report is handed over at once, and what follows soon after gathers")
    func gathersReports() throws {
        let sink = RecordingSink()
        let monitor = try monitor(sink)
        print("loss=1", to: monitor, after: .zero)
        #expect(sink.observations.map(\.value) == [1])
        print("loss=2", to: monitor, after: .milliseconds(1))
        print("loss=3", to: monitor, after: .milliseconds(2))
        #expect(sink.observations.map(\.value) == [1])
        #expect(monitor.nextDeadline == start + AttemptMonitor.reportInterval)
        monitor.timeReached(monitor.nextDeadline)
        #expect(sink.observations.map(\.value) == [1, 2, 3])
        #expect(monitor.nextDeadline == start + AttemptMonitor.pollInterval)
        print("loss=4", to: monitor, after: .milliseconds(400))
        #expect(sink.observations.map(\.value) == [1, 2, 3, 4])
    }

    @Test("a full batch of reports does not wait")
    func fullBatch() throws {
        let sink = RecordingSink()
        let monitor = try monitor(sink)
        print("loss=0", to: monitor, after: .zero)
        for _ in 0..<ObservationCollector.batchSize { print("loss=1", to: monitor, after: .milliseconds(1)) }
        #expect(sink.observations.count == ObservationCollector.batchSize + 1)
    }

    @Test("where a policy waits for them, reports are numbered and gather for some milliseconds only")
    func judged() throws {
        let sink = RecordingSink()
        let monitor = try monitor(sink, isJudged: true)
        for delay in 0..<3 { print("loss=\(delay) step=7", to: monitor, after: .milliseconds(delay)) }
        #expect(sink.observations.map(\.interval) == [1])
        #expect(monitor.nextDeadline == start + AttemptMonitor.judgedReportInterval)
        monitor.timeReached(monitor.nextDeadline)
        #expect(sink.observations.map(\.interval) == [1, 2, 3])
        #expect(sink.observations.map(\.step) == [7, 7, 7])
    }
}
