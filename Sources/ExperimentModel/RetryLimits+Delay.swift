/// How long a trial waits in the queue before an attempt is repeated.
extension RetryLimits {
    /// Seconds before the first repeat of an attempt that failed by itself, unless the file says otherwise.
    public static let defaultFirstDelaySeconds = 2.0
    /// Seconds before the second repeat of a lost attempt, unless the file says otherwise; the first is made at once.
    public static let defaultLostDelaySeconds = 5.0
    /// No repeat waits longer.
    public static let longestDelay: Duration = .seconds(300)

    /// Time between an attempt's end and the next one.
    ///
    /// It doubles with each repeat up to ``longestDelay``. The first repeat of a lost attempt waits for nothing: the machine
    /// died, not the trial. What is not charged does not wait either, but that is for the caller to know.
    /// - Parameter charged: repeats that were charged to this cause before.
    public func delay(for cause: TrialCause, charged: Int) -> Duration {
        let doublings = cause == .lost ? charged - 1 : charged
        guard doublings >= 0 else { return .zero }
        let standard = cause == .lost ? Self.defaultLostDelaySeconds : Self.defaultFirstDelaySeconds
        var delay = Duration.seconds(min(max(0, firstDelaySeconds ?? standard), Self.longestDelay.inSeconds))
        var left = doublings
        while left > 0, delay > .zero, delay < Self.longestDelay {
            delay += delay
            left -= 1
        }
        return min(delay, Self.longestDelay)
    }
}
