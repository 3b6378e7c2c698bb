public import ExperimentModel

/// What the current attempt of a trial has reported so far.
public struct LearningCurve: Sendable, Hashable {
    /// Number of the trial.
    public let trial: Int
    /// The attempt.
    public let attempt: Int
    private let objective: Objective

    /// Reports so far: the interval of the newest.
    public private(set) var interval = 0
    /// The newest report, which may be NaN or infinite.
    public private(set) var last = Double.nan
    /// The best finite value of all reports; `nil` while there is none.
    public private(set) var best: Double?
    /// Sum and count of the finite reports.
    private var sum = 0.0
    private var finiteCount = 0

    /// A curve without reports.
    public init(trial: Int, attempt: Int, objective: Objective) {
        self.trial = trial
        self.attempt = attempt
        self.objective = objective
    }

    /// Mean of the finite reports; `nil` while there is none.
    public var mean: Double? { finiteCount > 0 ? sum / Double(finiteCount) : nil }

    /// Adds the next report.
    public mutating func append(_ value: Double) {
        interval += 1
        last = value
        guard value.isFinite else { return }
        sum += value
        finiteCount += 1
        if best.map({ objective.isBetter(value, than: $0) }) ?? true { best = value }
    }
}
