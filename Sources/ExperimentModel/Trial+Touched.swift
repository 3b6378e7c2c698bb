extension Trial {
    /// When something last happened to it that is no renewal: made, claimed, an attempt's end, its own end.
    public var touchedAt: Timestamp {
        let attempts = attempts.flatMap { [$0.claimedAt, $0.endedAt].compactMap { $0 } }
        return max(createdAt, finishedAt ?? createdAt, attempts.max() ?? createdAt)
    }
}
