extension Trial {
    /// The decision that ended the trial; `nil` when it ended otherwise, such as by itself before the order came.
    ///
    /// A trial that was stopped before it reported anything finite ends as cancelled.
    public var endingStop: EarlyStop? {
        guard let earlyStop, earlyStop.attempt == attempt, cause == .stoppedEarly || cause == .cancelled else {
            return nil
        }
        return earlyStop
    }
}
