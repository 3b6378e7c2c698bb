extension AttemptOutcome {
    /// The outcome as it counts: an attempt that was stopped early before it reported a finite objective has nothing that a
    /// done trial could stand on, so it ends as cancelled.
    public var settled: AttemptOutcome {
        guard cause == .stoppedEarly, !(value?.isFinite ?? false) else { return self }
        var settled = self
        settled.cause = .cancelled
        settled.value = nil
        settled.message = message ?? "It was stopped early, before it had reported a finite objective."
        return settled
    }
}
