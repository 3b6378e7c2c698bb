public import OrderedCollections

/// The drawn values of a trial as hyperopt keeps them in `misc.idxs` and `misc.vals`: every label of the space, active or not.
public struct HyperoptValues: Sendable, Hashable {
    /// `[trial number]` for an active label, empty for an inactive one.
    public var idxs: OrderedDictionary<String, [Int64]>
    /// `[value]` for an active label, empty for an inactive one.
    public var vals: OrderedDictionary<String, [LabelValue]>

    /// Values as they are; ``SearchSpace/suggestion(for:trial:)`` checks them.
    public init(idxs: OrderedDictionary<String, [Int64]>, vals: OrderedDictionary<String, [LabelValue]>) {
        self.idxs = idxs
        self.vals = vals
    }
}

extension SearchSpace {
    /// A suggestion in hyperopt's form: each value in the kind of number that hyperopt expects, a choice as an integer.
    public func hyperoptValues(of suggestion: Suggestion, trial: Int) -> HyperoptValues {
        var result = HyperoptValues(idxs: [:], vals: [:])
        for (label, parameter) in parameters {
            let value = suggestion.values[label]
            result.idxs[label] = value == nil ? [] : [Int64(trial)]
            result.vals[label] = value.map { [parameter.domain.normalised($0) ?? $0] } ?? []
        }
        return result
    }

    /// The suggestion that hyperopt's form holds, whatever program wrote it.
    ///
    /// - Throws: when a label is missing or unknown, a list is neither empty nor `[trial]` and one value, a value lies
    ///   outside its domain, or the labels with values are not those that are active.
    public func suggestion(for values: HyperoptValues, trial: Int) throws(SearchSpaceError) -> Suggestion {
        for labels in [values.idxs.keys, values.vals.keys] {
            for label in labels where parameters[label] == nil { throw .unknownLabel(label) }
        }
        var suggestion = Suggestion()
        for label in parameters.keys {
            guard let numbers = values.idxs[label] else {
                throw .mismatch(path: "idxs.\(label)", reason: "is missing; an inactive label has an empty list")
            }
            guard let drawn = values.vals[label] else {
                throw .mismatch(path: "vals.\(label)", reason: "is missing; an inactive label has an empty list")
            }
            guard numbers.isEmpty || numbers == [Int64(trial)] else {
                throw .mismatch(path: "idxs.\(label)", reason: "must be empty or [\(trial)], the number of the trial")
            }
            guard drawn.count == numbers.count else {
                throw .mismatch(path: "vals.\(label)", reason: "must have as many values as idxs.\(label)")
            }
            if let value = drawn.first { suggestion.values[label] = value }
        }
        _ = try assignment(for: suggestion)
        return canonical(suggestion)
    }
}
