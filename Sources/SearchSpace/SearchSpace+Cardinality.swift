import OrderedCollections

/// How many different suggestions a search space has.
public enum Cardinality: Sendable, Hashable {
    /// So many, each with a probability above 0.
    case finite(Int)
    /// Finitely many, but more than the limit, or conditions so entangled that they cannot be counted.
    case tooMany(limit: Int)
    /// Infinitely many, because of these parameters.
    case infinite(labels: [String])
}

extension SearchSpace {
    /// Suggestions beyond which they are not counted: a double still holds every number up to it.
    public static let maximumCardinality = 1 << 53

    /// The number of different suggestions, with the values of a parameter counted only where it is active.
    ///
    /// Options of equal value are different. Values without probability (an option of probability 0, a multiple of q that
    /// only one exact draw leads to) do not count.
    /// - Complexity: linear in the parameters without conditions; in the worst case ``PointCounter/maximumWork`` steps.
    public var cardinality: Cardinality {
        let infinite = parameters.values.filter { $0.domain.lastGridIndex == nil }.map(\.label)
        if !infinite.isEmpty { return .infinite(labels: infinite) }
        var counter = PointCounter(space: self)
        guard let count = try? counter.count() else { return .tooMany(limit: Self.maximumCardinality) }
        return .finite(Int(count))
    }
}
