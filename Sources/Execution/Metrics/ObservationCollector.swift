import ExperimentModel
import SearchSpace

/// Decides which reports count, numbers them, and knows the attempt's value at the end.
///
/// Only the objective and the named metrics count. The first channel that reports a metric is its channel for the whole
/// attempt, so that a value that is both printed and written to a file counts once.
struct ObservationCollector: Sendable {
    /// Where a report came from.
    enum Channel: Sendable, Hashable { case metricsFile, output(LogChunk.Stream) }

    /// What the reports make of an attempt that exited with status 0.
    enum Verdict: Sendable, Equatable {
        case value(Double)
        case notANumber(message: String)
        case noMetric(message: String)
    }

    /// Observations that one attempt may deliver; beyond it only its last one of the objective is.
    static let maximumObservations = 100_000
    /// Different names that are remembered for the message about a missing objective.
    static let maximumNames = 64
    /// Observations that are handed over at once.
    static let batchSize = 256

    private let trial: TrialID
    private let attempt: Int
    private let objective: String
    private let metrics: Set<String>

    private var channels: [String: Channel] = [:]
    private var counts: [String: Int64] = [:]
    private var waiting: [Observation] = []
    private var delivered = 0
    private var beyondLimit: Observation?
    private var otherNames: [String] = []
    private(set) var value: Double?
    /// Observations that were not delivered because of ``maximumObservations``.
    private(set) var dropped = 0

    init(trial: TrialID, attempt: Int, objective: String, metrics: Set<String>) {
        self.trial = trial
        self.attempt = attempt
        self.objective = objective
        self.metrics = metrics
    }

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

    /// The last observations, with the last one of the objective when too many came to deliver all.
    mutating func finish() -> [Observation] {
        if let last = beyondLimit {
            append(last)
            beyondLimit = nil
            dropped -= 1
        }
        return drain()
    }

    /// What an exit with status 0 means.
    var verdict: Verdict {
        if let value {
            return value.isFinite ? .value(value) : .notANumber(message: "the last report of \(objective) is \(value)")
        }
        return .noMetric(message: missingObjective)
    }

    private func isCounted(_ name: String) -> Bool { name == objective || metrics.contains(name) }

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
        if report.name == objective { value = report.value }
        let observation = Observation(
            trial: trial,
            attempt: attempt,
            sequence: 0,
            metric: report.name,
            step: report.step ?? earlier,
            value: report.value
        )
        if delivered < Self.maximumObservations - 1 {
            append(observation)
        } else {
            dropped += 1
            if report.name == objective { beyondLimit = observation }
        }
    }

    private mutating func append(_ observation: Observation) {
        var numbered = observation
        numbered.sequence = delivered
        delivered += 1
        waiting.append(numbered)
    }

    private var missingObjective: String {
        guard !otherNames.isEmpty else {
            return "the process exited with status 0 and reported no metric; print a line \(objective)=VALUE or append "
                + "{\"\(objective)\": VALUE} to the file $HYPER_METRICS_FILE"
        }
        let names = otherNames.prefix(10).map { shown($0) }.joined(separator: ", ")
        let nearest = nearestName(to: objective, among: otherNames).map { "; did you mean \(shown($0))?" } ?? ""
        return "the objective \(shown(objective)) was never reported; reported: \(names)\(nearest) "
            + "Names are case-sensitive"
    }
}
