import ExperimentModel
import Foundation
import Glibc
import MetricPatterns
import Testing

@testable import Execution

/// Each channel with a real process.
@Suite("Channels of metrics", .timeLimit(.minutes(5)))
struct MetricChannelTests {
    private func run(
        _ script: String,
        patterns: [String] = [],
        isJudged: Bool = true
    ) async throws -> (Lab, AttemptResult) {
        let lab = try Lab()
        var request = try lab.request(.arguments(["sh", "-c", script]), metrics: ["acc"])
        request.patterns = try patterns.map { try MetricPattern($0) }
        request.isJudged = isJudged
        return (lab, await lab.executor.run(request, control: lab.control, sink: lab.sink))
    }

    /// A line as cloudml-hypertune writes it.
    private static let hypertune = #"""
        line() { printf '{"checkpoint_path": "", "global_step": "%s", "loss": "0.%s", "timestamp": %s, "trial": "7"}\n' $1 $1 $1; }

        """#

    /// Scripts, and what they report.
    private static let scripts: [(String, [Double])] = [
        ("echo loss=1; echo loss=2 >&2; echo loss=3", [1.0, 3]),
        ("echo loss=1 >&2; echo '{\"loss\": 2}' >&2", [1, 2]),
        (
            "echo '{\"loss\": 1}' > $HYPER_METRICS_FILE; echo loss=5; echo '{\"loss\": 2}' >> $HYPER_METRICS_FILE",
            [1, 2]
        ),
        ("printf 'Attempted to log scalar metric loss:\\n1\\n'; echo loss=9", [1]),
        ("for i in 1 2 3; do echo \"epoch $i: lr 3, val $i.5, ok\"; done; echo loss=9", [1.5, 2.5, 3.5]),
        (hypertune + "line 1 > $CLOUD_ML_HP_METRIC_FILE; echo loss=9", [0.1]),
    ]

    @Test("each reports by itself, and every report is numbered", arguments: scripts)
    func channels(script: String, values: [Double]) async throws {
        let (lab, result) = try await run(script, patterns: [#"epoch (?P<step>\d+): .*val (?P<loss>[\d.]+)"#])
        #expect(lab.sink.observations.map(\.value) == values)
        #expect(lab.sink.observations.map(\.interval) == (1...values.count).map { $0 })
        #expect(result.outcome.cause == .succeeded, "\(result)")
        #expect(result.outcome.value == values.last)
    }

    @Test("of cloudml-hypertune, which keeps the last hundred reports, more than a hundred are read, each once")
    func beyondTheCap() async throws {
        let lab = try Lab()
        let gate = lab.directory.path + "/gate"
        try #require(mkfifo(gate, 0o600) == 0)
        let descriptor = open(gate, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        // A hundred and one reports, each of which writes the last hundred anew; the first is read before the last is written.
        let script =
            Self.hypertune
            + "n=1; while [ $n -le 101 ]; do [ $n -gt 1 ] && tail -n 99 w > v; [ $n -gt 1 ] || : > v; line $n >> v; cp v w; "
            + "cat w > $CLOUD_ML_HP_METRIC_FILE; [ $n -ne 60 ] || read -r go < '\(gate)'; n=$((n+1)); done"
        let request = try lab.request(.arguments(["sh", "-c", script]))
        async let result = lab.executor.run(request, control: lab.control, sink: lab.sink)
        await lab.sink.waitForObservations(1)
        #expect(write(descriptor, "go\n", 3) == 3)
        #expect(await result.outcome.cause == .succeeded)
        #expect(lab.sink.observations.map(\.value) == (1...101).map { Double("0.\($0)") })
    }

    @Test("a trial that reports nothing hears that its patterns match nothing")
    func silentPattern() async throws {
        let (_, result) = try await run("echo 'val -0.5'", patterns: [#"val (?P<loss>[\d.]+)"#])
        #expect(result.outcome.cause == .noMetric)
        #expect(result.outcome.message?.contains("metrics_pattern matches in no line") == true, "\(result)")
        let (_, other) = try await run("echo 'val -0.5'")
        #expect(other.outcome.message?.contains("metrics_pattern") == false, "\(other)")
    }

    @Test("a report is delivered while the trial runs, by an output as by a file")
    func atOnce() async throws {
        for report in [
            "echo loss=1", "echo '{\"loss\": 1}' >> $HYPER_METRICS_FILE",
            Self.hypertune + "line 1 > $CLOUD_ML_HP_METRIC_FILE",
        ] {
            let lab = try Lab()
            var request = try lab.request(.arguments(["sh", "-c", report + "; while :; do sleep 60; done"]))
            request.isJudged = true
            async let result = lab.executor.run(request, control: lab.control, sink: lab.sink)
            await lab.sink.waitForObservations(1)
            lab.control.stop(.stoppedEarly)
            guard case .stopped(.stoppedEarly, let outcome) = await result else { Issue.record("not stopped"); return }
            #expect(outcome.value == lab.sink.observations.first?.value)
            #expect(lab.sink.observations.map(\.interval) == [1])
        }
    }

    @Test("a hundred thousand reports of one trial come all, in order")
    func many() async throws {
        let count = ObservationCollector.maximumObservations
        let (lab, result) = try await run("seq -f 'loss=%.0f' \(count)")
        #expect(result.outcome.value == Double(count))
        #expect(lab.sink.observations.map(\.interval) == (1...count).map { $0 })
        #expect(lab.sink.observations.map(\.value) == (1...count).map { Double($0) })
    }
}
