import SearchSpace

/// Whether every point of a finite search space was tried, for samplers that may come to a point more than once.
struct SpaceExhaustion: Sendable {
    private let space: SearchSpace
    /// The points of the space; `nil` when they are infinitely many, or too many to be counted.
    private let points: (grid: SpaceGrid, count: Int)?

    init(space: SearchSpace) {
        self.space = space
        // A space that is not finite has no grid, and none is needed.
        if case .finite(let count) = space.cardinality, let grid = try? SpaceGrid(space) {
            points = (grid, count)
        } else {
            points = nil
        }
    }

    /// 0 when every point is in the history, whoever asked for it and whatever became of it; otherwise `nil`, no end.
    ///
    /// - Complexity: O(1) while there are fewer trials than points.
    func remaining(history: TrialHistory) -> Int? {
        guard let (grid, count) = points,
            history.completed.count + history.failed.count + history.pending.count >= count
        else { return nil }
        var seen: Set<Suggestion> = []
        func isLast(_ suggestion: Suggestion) -> Bool {
            let point = space.canonical(suggestion)
            return grid.contains(point) && seen.insert(point).inserted && seen.count == count
        }
        let areAllSeen =
            history.completed.contains { isLast($0.suggestion) } || history.pending.contains { isLast($0.suggestion) }
            || history.failed.contains { isLast($0.suggestion) }
        return areAllSeen ? 0 : nil
    }
}
