public import OrderedCollections

extension SearchSpace {
    /// What a person would write for a partial suggestion: the way back of ``partialSuggestion(for:)``.
    ///
    /// It holds the given values, with the constants that tell the options of the choices around them. What is not given
    /// is left out; so is a list of which not every item is given.
    public func partialAssignment(for suggestion: Suggestion) -> Assignment {
        let values = Dictionary(uniqueKeysWithValues: canonical(suggestion).values.map { ($0, $1) })
        return root.compactMapValues { partialValue($0, given: values, isInOption: false) }
    }

    private func partialValue(
        _ node: SpaceNode,
        given values: [String: LabelValue],
        isInOption: Bool
    ) -> ParameterValue? {
        switch node {
        // With `? … : nil` the nil would become a null inside the space.
        case .constant(let value): return isInOption ? .some(value) : Optional.none
        case .mapping(let nodes):
            let entries = nodes.compactMapValues { partialValue($0, given: values, isInOption: isInOption) }
            return entries.isEmpty && !isInOption ? nil : .mapping(entries)
        case .list(let items):
            let found = items.compactMap { partialValue($0, given: values, isInOption: true) }
            return found.count == items.count ? .list(found) : nil
        case .parameter(let parameter):
            guard let value = values[parameter.label] else { return nil }
            guard let options = parameter.domain.options else { return parameter.domain.plainValue(of: value) }
            return value.index(in: options).flatMap { partialValue(options[$0], given: values, isInOption: true) }
        }
    }
}
