public import ExperimentModel

/// What the current attempt of a trial has reported so far.
///
/// A report that is not finite takes its interval and changes neither the best nor the mean.
public struct LearningCurve: Sendable, Hashable {
    /// Number of the trial.
    public let trial: Int
    /// The attempt.
    public let attempt: Int
    /// Turns a value into a score, of which more is better, and back.
    let sign: Double

    /// The interval of the newest report; 0 before the first.
    public private(set) var interval = 0
    /// The reports in order, which may be NaN or infinite.
    public private(set) var reports: [Double] = []
    /// The best finite value of all reports; `nil` while there is none.
    public private(set) var best: Double?
    /// The worst finite value of all reports.
    private var worst: Double?
    /// Sum and count of the finite reports.
    private var sum = 0.0
    private var finiteCount = 0
    /// Where reports are missing: the index of a report that does not follow upon the one before it, and its interval.
    private var jumps: [Jump] = []

    private struct Jump: Sendable, Hashable {
        var index: Int
        var interval: Int
    }

    /// A curve without reports.
    public init(trial: Int, attempt: Int, objective: Objective) {
        self.init(trial: trial, attempt: attempt, sign: objective.goal == .maximize ? 1 : -1)
    }

    private init(trial: Int, attempt: Int, sign: Double) {
        self.trial = trial
        self.attempt = attempt
        self.sign = sign
    }

    /// The newest report, which may be NaN or infinite; NaN before the first.
    public var last: Double { reports.last ?? .nan }

    /// Mean of the finite reports; `nil` while there is none.
    ///
    /// Never better than the best nor worse than the worst of them, as it could be by rounding: equality stops nothing.
    public var mean: Double? {
        guard let best, let worst else { return nil }
        return min(max(sum / Double(finiteCount), min(best, worst)), max(best, worst))
    }

    /// Adds the next report.
    public mutating func append(_ value: Double) {
        append(value, at: interval + 1)
    }

    /// Adds a report at a later interval; those in between are missing.
    mutating func append(_ value: Double, at newInterval: Int) {
        if newInterval != interval + 1 { jumps.append(Jump(index: reports.count, interval: newInterval)) }
        interval = newInterval
        reports.append(value)
        guard value.isFinite else { return }
        sum += value
        finiteCount += 1
        best = best.map { sign * value > sign * $0 ? value : $0 } ?? value
        worst = worst.map { sign * value < sign * $0 ? value : $0 } ?? value
    }

    /// The reports in order, each with its interval.
    func forEachReport(_ body: (_ interval: Int, _ value: Double) -> Void) {
        var remainingJumps = jumps[...]
        var interval = 0
        for (index, value) in reports.enumerated() {
            interval += 1
            if let jump = remainingJumps.first, jump.index == index {
                interval = jump.interval
                remainingJumps.removeFirst()
            }
            body(interval, value)
        }
    }

    /// The curve as it was after each report, in order.
    func replay(_ body: (LearningCurve) -> Void) {
        var curve = LearningCurve(trial: trial, attempt: attempt, sign: sign)
        forEachReport { interval, value in
            curve.append(value, at: interval)
            body(curve)
        }
    }
}

/// Scores: values with the sign by which more is better. What has no finite value is infinitely bad.
extension LearningCurve {
    var bestScore: Double { best.map { sign * $0 } ?? -.infinity }
    var meanScore: Double { mean.map { sign * $0 } ?? -.infinity }

    /// The value of a score; `nil` of the infinitely bad one.
    func value(ofScore score: Double) -> Double? { score.isFinite ? sign * score : nil }
}
