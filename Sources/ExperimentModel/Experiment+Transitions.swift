/// What a person can do to an experiment that has ended. Drawn in `docs/state-machines.md`.
extension Experiment {
    /// Whether its end is decided and not yet carried out. Wishes of people wait until it is.
    public var isWindingDown: Bool { ending != nil && !state.isTerminal }

    /// completed, failed, cancelled → running: the time since the end counts as a pause.
    public mutating func reopen(at now: Timestamp) {
        precondition(state.isTerminal, "only a finished experiment can be reopened")
        // One that ended while it was paused has stood still since then.
        if startedAt != nil, let stoodStillFrom = pausedAt ?? finishedAt {
            pausedMilliseconds += max(0, (now - stoodStillFrom).wholeMilliseconds)
        }
        state = .running
        ending = nil
        pausedAt = nil
        finishedAt = nil
        reopenedAt = now
    }
}
