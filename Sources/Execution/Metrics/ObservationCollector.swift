import ExperimentModel
import SearchSpace

/// Decides which reports count, numbers them, and knows the attempt's value at the end.
///
/// Only the objective and the named metrics count. The first channel that reports a metric is its channel for the whole
/// attempt, so that a value that is both printed and written to a file counts once. Only the objective decides the value: its
/// last report, or its best finite one, as the objective's rule says.
struct ObservationCollector: Sendable {
    /// Where a report came from.
    enum Channel: Sendable, Hashable {
        case metricsFile
        /// The file of cloudml-hypertune.
        case hypertune
        /// Lines of pairs or JSON.
        case output(LogChunk.Stream)
        /// Lines that azureml-core prints.
        case azure
        /// Lines that patterns of the experiment match.
        case pattern(LogChunk.Stream)
    }

    /// What the reports make of an attempt that exited with status 0.
    enum Verdict: Sendable, Equatable {
        case value(Double)
        case notANumber(message: String)
        case noMetric(message: String)
    }

    /// Observations that one attempt may deliver; beyond it only the one that decides its value is.
    static let maximumObservations = 100_000
    /// Different names that are remembered for the message about a missing objective.
    static let maximumNames = 64
    /// Observations that are handed over at once.
    static let batchSize = 256

    private let trial: TrialID
    private let attempt: Int
    private let objective: Objective
    private let metrics: Set<String>
    /// Whether policies look at the reports of the objective, which are numbered then.
    private let isJudged: Bool
    /// Whether lines of output are looked through by patterns of the user's.
    private let hasPatterns: Bool

    private var channels: [String: Channel] = [:]
    private var counts: [String: Int64] = [:]
    private var waiting: [Observation] = []
    private var delivered = 0
    private var beyondLimit: Observation?
    private var otherNames: [String] = []
    /// The report that counts so far; not finite only while no finite one counts.
    private(set) var value: Double?
    /// The last finite report that counted.
    private(set) var lastFiniteValue: Double?
    /// Observations that were not delivered because of ``maximumObservations``.
    private(set) var dropped = 0

    init(
        trial: TrialID,
        attempt: Int,
        objective: Objective,
        metrics: Set<String>,
        isJudged: Bool = false,
        hasPatterns: Bool = false
    ) {
        self.isJudged = isJudged
        self.hasPatterns = hasPatterns
        self.trial = trial
        self.attempt = attempt
        self.objective = objective
        self.metrics = metrics
    }

    /// Whether observations wait to be handed over.
    var hasWaiting: Bool { !waiting.isEmpty }

    /// Whether enough observations wait to be handed over.
    var hasFullBatch: Bool { waiting.count >= Self.batchSize }

    /// Whether these reports would settle which channel a metric has.
    func settlesChannel(_ reports: [MetricReport]) -> Bool {
        reports.contains { isCounted($0.name) && channels[$0.name] == nil }
    }

    mutating func take(_ reports: [MetricReport], from channel: Channel) {
        for report in reports { take(report, from: channel) }
    }

    /// The observations to hand over.
    mutating func drain() -> [Observation] {
        defer { waiting = [] }
        return waiting
    }

    /// The last observations, with the one that decides the value when too many came to deliver all.
    mutating func finish() -> [Observation] {
        if let last = beyondLimit {
            append(last)
            beyondLimit = nil
            dropped -= 1
        }
        return drain()
    }

    private static let finiteAdvice = "report a finite number, such as a large loss for a run that diverges"

    /// What an exit with status 0 means.
    var verdict: Verdict {
        guard let value else { return .noMetric(message: missingObjective) }
        if value.isFinite { return .value(value) }
        return switch objective.valueRule {
        case .last:
            .notANumber(message: "the last report of \(shown(objective.metric)) is \(value); \(Self.finiteAdvice)")
        case .best:
            .notANumber(
                message:
                    "no report of \(shown(objective.metric)) is finite; the last one is \(value); \(Self.finiteAdvice)"
            )
        }
    }

    private func isCounted(_ name: String) -> Bool { name == objective.metric || metrics.contains(name) }

    /// Whether a report of the objective becomes the value in place of the one that counts so far.
    private func decides(_ new: Double) -> Bool {
        switch objective.valueRule {
        case .last: return true
        case .best:
            guard let value, value.isFinite else { return true }
            return new.isFinite && objective.isBetter(new, than: value)
        }
    }

    private mutating func take(_ report: MetricReport, from channel: Channel) {
        guard isCounted(report.name) else {
            if otherNames.count < Self.maximumNames, !otherNames.contains(report.name) {
                otherNames.append(report.name)
            }
            return
        }
        guard channels[report.name, default: channel] == channel else { return }
        channels[report.name] = channel
        let earlier = counts[report.name, default: 0]
        counts[report.name] = earlier + 1
        let isDeciding = report.name == objective.metric && decides(report.value)
        if isDeciding {
            value = report.value
            if report.value.isFinite { lastFiniteValue = report.value }
        }
        let observation = Observation(
            trial: trial,
            attempt: attempt,
            sequence: 0,
            metric: report.name,
            step: report.step ?? earlier,
            value: report.value,
            interval: isJudged && report.name == objective.metric ? Int(earlier) + 1 : nil
        )
        if delivered < Self.maximumObservations - 1 {
            append(observation)
        } else {
            dropped += 1
            if isDeciding { beyondLimit = observation }
        }
    }

    private mutating func append(_ observation: Observation) {
        var numbered = observation
        numbered.sequence = delivered
        delivered += 1
        waiting.append(numbered)
    }

    private var missingObjective: String {
        let metric = objective.metric
        guard !otherNames.isEmpty else {
            let pattern = hasPatterns ? " (metrics_pattern matches in no line of its output)" : ""
            return
                "the process exited with status 0 and reported no metric\(pattern); print a line \(metric)=VALUE or append "
                + "{\"\(metric)\": VALUE} to the file $HYPER_METRICS_FILE"
        }
        let names = otherNames.prefix(10).map { shown($0) }.joined(separator: ", ")
        let advice =
            nearestName(to: metric, among: otherNames).map { "did you mean \(shown($0))? Names are case-sensitive" }
            ?? "name one of these as the metric, or print a line \(metric)=VALUE"
        return "the objective \(shown(metric)) was never reported; reported: \(names); \(advice)"
    }
}
