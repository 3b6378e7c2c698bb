/// A report of the objective as early-termination policies see it.
public struct ObjectiveReport: Sendable, Hashable {
    /// Number of the trial.
    public var trial: Int
    /// The attempt that reported.
    public var attempt: Int
    /// The how-manieth report of the objective in this attempt it is, from 1.
    public var interval: Int
    /// The value as reported, which may be NaN or infinite.
    public var value: Double
    /// Its place among all reports of its experiment.
    public var position: ReportPosition

    /// A report.
    public init(trial: Int, attempt: Int, interval: Int, value: Double, position: ReportPosition) {
        self.trial = trial
        self.attempt = attempt
        self.interval = interval
        self.value = value
        self.position = position
    }
}

/// When a report came to the store, as the store counts: the order in which policies take reports in, the same for everybody.
public struct ReportPosition: Sendable, Hashable, Comparable {
    /// Grows with every report.
    public var rawValue: UInt64

    /// A position.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Before every report.
    public static let start = ReportPosition(0)

    /// Whether one came before the other.
    public static func < (left: ReportPosition, right: ReportPosition) -> Bool { left.rawValue < right.rawValue }
}
