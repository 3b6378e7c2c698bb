public import OrderedCollections

/// The drawn value of one label as hyperopt stores it in `misc.vals`: a choice is the index of its option.
public enum LabelValue: Sendable, Hashable {
    case integer(Int64)
    case double(Double)
}

/// What a sampler proposes: the active labels with their drawn values, in the order of the search space.
///
/// It is flat and free of structure; ``SearchSpace/assignment(for:)`` turns it into what a trial sees.
public struct Suggestion: Sendable, Hashable {
    /// Active label to value. Inactive labels are absent.
    public var values: OrderedDictionary<String, LabelValue>

    /// A suggestion of the given active labels.
    public init(values: OrderedDictionary<String, LabelValue> = [:]) {
        self.values = values
    }
}
