public import SearchSpace

/// Every point of a finite search space once, in the order of ``SpaceGrid``.
///
/// A point is taken when a trial of this sampler has it, whatever became of that trial, or when it is one of the points
/// that the definition wants tried first. Points that a person adds later are extra: they come again.
public struct GridSampler: Sampler {
    /// Points that are counted one by one where the space is too entangled for ``SearchSpace/cardinality``.
    private static let maximumLookahead = 1000

    private let grid: SpaceGrid
    private let cardinality: Cardinality
    private let progress: GridProgress

    /// A sampler of `space`.
    ///
    /// - Parameter initial: points that are tried before and beside the sampler's; only those that fix all values count.
    /// - Throws: ``SamplerError/infiniteGrid(labels:)``.
    public init(space: SearchSpace, initial: [Suggestion] = []) throws(SamplerError) {
        cardinality = space.cardinality
        do {
            grid = try SpaceGrid(space)
        } catch {
            guard case .infinite(let labels) = cardinality else { throw .infiniteGrid(labels: []) }
            throw .infiniteGrid(labels: labels)
        }
        progress = GridProgress(space: space, grid: grid, initial: initial)
    }

    /// False: results change nothing.
    public var learnsFromResults: Bool { false }

    /// The first point of the grid that is not taken; neither the number nor any result matters.
    ///
    /// - Throws: ``SamplerError/exhausted``.
    /// - Complexity: one look at each trial; the walk to the point goes on from where it last ended.
    public func suggest(trial: Int, history: TrialHistory) throws(SamplerError) -> Suggestion {
        guard let point = progress.update(with: history).upcoming else { throw .exhausted }
        return point
    }

    /// The points that are not taken; `nil` for a grid that is too large to be counted.
    public func remaining(history: TrialHistory) -> Int? {
        let progress = progress.update(with: history)
        guard let upcoming = progress.upcoming else { return 0 }
        if case .finite(let count) = cardinality { return count - progress.taken.count }
        var left = 0
        var next: Suggestion? = upcoming
        while let point = next, left < Self.maximumLookahead {
            if !progress.taken.contains(point) { left += 1 }
            next = grid.successor(of: point)
        }
        return next == nil ? left : nil
    }
}
