public import OrderedCollections

extension SearchSpace {
    /// What a trial would see of a partial suggestion: the way back of ``partialSuggestion(for:)``.
    ///
    /// What is not given is left out; so is a list of which not every item is given.
    public func partialAssignment(for suggestion: Suggestion) -> Assignment {
        let values = Dictionary(uniqueKeysWithValues: canonical(suggestion).values.map { ($0, $1) })
        return partialEntries(of: root, given: values)
    }

    private func partialEntries(
        of nodes: OrderedDictionary<String, SpaceNode>,
        given values: [String: LabelValue]
    ) -> Assignment {
        nodes.compactMapValues { partialValue($0, given: values) }
    }

    private func partialValue(_ node: SpaceNode, given values: [String: LabelValue]) -> ParameterValue? {
        switch node {
        // Constants are known; within an option they tell it from the others.
        case .constant(let value): return value
        case .mapping(let nodes):
            let entries = partialEntries(of: nodes, given: values)
            return entries.isEmpty && !nodes.isEmpty ? nil : .mapping(entries)
        case .list(let items):
            let found = items.compactMap { partialValue($0, given: values) }
            return found.count == items.count ? .list(found) : nil
        case .parameter(let parameter):
            guard let value = values[parameter.label] else { return nil }
            guard let options = parameter.domain.options else { return parameter.domain.plainValue(of: value) }
            return value.index(in: options).flatMap { partialValue(options[$0], given: values) }
        }
    }
}
