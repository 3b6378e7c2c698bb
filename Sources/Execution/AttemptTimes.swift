/// Bounds of the times that an experiment gives its attempts.
///
/// A stored document may say anything: what is outside is taken for the nearest bound, so that no clock overflows.
public enum AttemptTimes {
    /// Seconds between SIGTERM and SIGKILL; 0 means SIGKILL at once.
    public static let graceSeconds: ClosedRange<Double> = 0...3600
    /// Seconds that an attempt may be given: a millisecond to ten years.
    public static let timeoutSeconds: ClosedRange<Double> = 0.001...315_360_000

    /// Seconds without the store that a trial survives.
    public static let outageSeconds: ClosedRange<Double> = 0.001...315_360_000

    /// `grace` as a duration; what is no number is the longest.
    public static func grace(seconds: Double) -> Duration { .seconds(clamped(seconds, graceSeconds)) }

    /// `trial_timeout` as a duration; `nil` means without end.
    public static func timeout(seconds: Double?) -> Duration? { seconds.map { .seconds(clamped($0, timeoutSeconds)) } }

    /// `store_outage_limit` as a duration; what is no number is the longest.
    public static func outageLimit(seconds: Double) -> Duration { .seconds(clamped(seconds, outageSeconds)) }

    private static func clamped(_ seconds: Double, _ bounds: ClosedRange<Double>) -> Double {
        seconds.isNaN ? bounds.upperBound : min(max(seconds, bounds.lowerBound), bounds.upperBound)
    }
}
