import ExperimentModel
import Testing

@testable import Execution

@Suite("Observation collector")
struct ObservationCollectorTests {
    private func collector(
        metrics: Set<String> = [],
        goal: Objective.Goal = .maximize,
        rule: Objective.ValueRule = .last,
        isJudged: Bool = false
    ) -> ObservationCollector {
        ObservationCollector(
            trial: TrialID(experiment: ExperimentID("es1"), number: 1),
            attempt: 2,
            objective: Objective(metric: "accuracy", goal: goal, valueRule: rule),
            metrics: metrics,
            isJudged: isJudged
        )
    }

    @Test("where policies look at it, reports of the objective are numbered as they come, whatever their steps")
    func intervals() {
        let reports = [(5, "accuracy"), (3, "accuracy"), (3, "loss"), (3, "accuracy"), (3, "accuracy")]
            .map { MetricReport(name: $0.1, value: 0.5, step: $0.0) }
        for isJudged in [false, true] {
            var collector = collector(metrics: ["loss"], isJudged: isJudged)
            collector.take(reports, from: .metricsFile)
            // Another channel does not count, and is not numbered.
            collector.take(reports, from: .azure)
            let observations = collector.drain()
            #expect(observations.map(\.step) == [5, 3, 3, 3, 3])
            #expect(observations.map(\.interval) == (isJudged ? [1, 2, nil, 3, 4] : [nil, nil, nil, nil, nil]))
        }
    }

    @Test("only the objective and named metrics count, numbered from 0, with a step of their own")
    func counts() {
        var collector = collector(metrics: ["loss"])
        collector.take(
            [
                MetricReport(name: "accuracy", value: 0.5), MetricReport(name: "loss", value: 2),
                MetricReport(name: "lr", value: 1),
            ],
            from: .output(.stdout)
        )
        collector.take(
            [MetricReport(name: "accuracy", value: 0.6), MetricReport(name: "loss", value: 1, step: 40)],
            from: .output(.stdout)
        )
        let observations = collector.drain()
        #expect(observations.map(\.sequence) == [0, 1, 2, 3])
        #expect(observations.map(\.metric) == ["accuracy", "loss", "accuracy", "loss"])
        #expect(observations.map(\.step) == [0, 0, 1, 40])
        #expect(collector.drain() == [])
        #expect(collector.verdict == .value(0.6))
    }

    @Test("the first channel that reports a metric is its channel")
    func channels() {
        var collector = collector()
        #expect(collector.settlesChannel([MetricReport(name: "accuracy", value: 1)]))
        #expect(!collector.settlesChannel([MetricReport(name: "loss", value: 1)]))
        collector.take([MetricReport(name: "accuracy", value: 0.1)], from: .metricsFile)
        collector.take([MetricReport(name: "accuracy", value: 0.2)], from: .output(.stdout))
        collector.take([MetricReport(name: "accuracy", value: 0.3)], from: .metricsFile)
        #expect(!collector.settlesChannel([MetricReport(name: "accuracy", value: 1)]))
        #expect(collector.drain().map(\.value) == [0.1, 0.3])
    }

    @Test("a last report that is not finite is not a number", arguments: [Double.nan, .infinity, -.infinity])
    func notANumber(value: Double) {
        var collector = collector()
        collector.take(
            [MetricReport(name: "accuracy", value: 0.5), MetricReport(name: "accuracy", value: value)],
            from: .metricsFile
        )
        guard case .notANumber(let message) = collector.verdict else { Issue.record("\(collector.verdict)"); return }
        #expect(message.contains("accuracy"))
    }

    @Test("a missing objective names what was reported and the nearest name")
    func missing() {
        var collector = collector()
        guard case .noMetric(let silent) = collector.verdict else { Issue.record("\(collector.verdict)"); return }
        #expect(silent.contains("accuracy=VALUE"))
        collector.take(
            [MetricReport(name: "Accuracy", value: 1), MetricReport(name: "zzz\u{1B}[2J", value: 1)],
            from: .metricsFile
        )
        guard case .noMetric(let message) = collector.verdict else { Issue.record("\(collector.verdict)"); return }
        #expect(message.contains("did you mean \"Accuracy\"? Names are case-sensitive"))
        #expect(!message.contains("\u{1B}"))
    }

    @Test("a missing objective unlike every reported name is asked for, without a word on case")
    func unlike() {
        var collector = collector()
        collector.take([MetricReport(name: "val_loss", value: 1)], from: .metricsFile)
        #expect(
            collector.verdict
                == .noMetric(
                    message: "the objective \"accuracy\" was never reported; reported: \"val_loss\"; "
                        + "name one of these as the metric, or print a line accuracy=VALUE"
                )
        )
    }

    @Test("beyond the limit only the last observation of the objective is delivered")
    func limit() {
        var collector = collector()
        let extra = 10
        for index in 0..<(ObservationCollector.maximumObservations + extra) {
            collector.take([MetricReport(name: "accuracy", value: Double(index))], from: .metricsFile)
        }
        let observations = collector.finish()
        #expect(observations.count == ObservationCollector.maximumObservations)
        #expect(observations.map(\.sequence) == Array(0..<ObservationCollector.maximumObservations))
        #expect(observations.last?.value == Double(ObservationCollector.maximumObservations + extra - 1))
        #expect(collector.dropped == extra)
    }

    @Test(
        "with the best report as the value, finite ones count by the goal",
        arguments: [
            (Objective.Goal.maximize, [0.5, 0.9, 0.7], 0.9), (.minimize, [0.5, 0.9, 0.2, 0.7], 0.2),
            (.maximize, [.nan, 0.1, .infinity, .nan], 0.1), (.minimize, [-.infinity, 0.3, .nan, 0.4], 0.3),
        ]
    )
    func best(goal: Objective.Goal, reports: [Double], value: Double) {
        var collector = collector(goal: goal, rule: .best)
        for report in reports { collector.take([MetricReport(name: "accuracy", value: report)], from: .metricsFile) }
        #expect(collector.verdict == .value(value))
        #expect(collector.drain().count == reports.count)
    }

    @Test("the best of nothing finite is not a number, and other metrics do not decide")
    func bestNotANumber() {
        var collector = collector(metrics: ["loss"], rule: .best)
        for value in [Double.nan, .infinity] {
            collector.take(
                [MetricReport(name: "accuracy", value: value), MetricReport(name: "loss", value: 0.1)],
                from: .metricsFile
            )
        }
        guard case .notANumber(let message) = collector.verdict else { Issue.record("\(collector.verdict)"); return }
        #expect(message.contains("no report of \"accuracy\" is finite"))
    }

    @Test("beyond the limit the best observation is delivered, not the last")
    func bestBeyondLimit() {
        var collector = collector(rule: .best)
        for index in 0..<ObservationCollector.maximumObservations {
            collector.take([MetricReport(name: "accuracy", value: Double(index))], from: .metricsFile)
        }
        let best = 1e9
        for value in [best, 3, .nan] {
            collector.take([MetricReport(name: "accuracy", value: value)], from: .metricsFile)
        }
        let observations = collector.finish()
        #expect(observations.count == ObservationCollector.maximumObservations)
        #expect(observations.last?.value == best)
        #expect(collector.verdict == .value(best))
    }

    @Test("names are remembered up to a limit")
    func names() {
        var collector = collector()
        for index in 0..<10_000 { collector.take([MetricReport(name: "metric\(index)", value: 1)], from: .metricsFile) }
        guard case .noMetric(let message) = collector.verdict else { Issue.record("\(collector.verdict)"); return }
        #expect(message.utf8.count < 1000)
    }
}
