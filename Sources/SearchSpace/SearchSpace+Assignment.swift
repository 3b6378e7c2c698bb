public import OrderedCollections

extension SearchSpace {
    /// What a trial sees for a suggestion.
    ///
    /// - Throws: when an active label has no value, a label is unknown or inactive, or a value lies outside its domain.
    public func assignment(for suggestion: Suggestion) throws(SearchSpaceError) -> Assignment {
        for label in suggestion.values.keys where parameters[label] == nil { throw .unknownLabel(label) }
        var values: [String: LabelValue] = [:]
        for label in activationOrder {
            guard let parameter = parameters[label] else { continue }
            let given = suggestion.values[label]
            guard isActive(parameter, given: values) else {
                if given != nil { throw .inactiveLabel(label) }
                continue
            }
            guard let given else { throw .missingValue(label: label) }
            guard let value = parameter.domain.normalised(given) else {
                let text = ParameterValue(given).json
                throw .outsideDomain(label: label, value: text, domain: parameter.domain.summary)
            }
            values[label] = value
        }
        return entries(of: root, given: values)
    }

    /// Whether a label takes part, given the values of the labels that decide it; false for an unknown label.
    public func isActive(_ label: String, in suggestion: Suggestion) -> Bool {
        var values: [String: LabelValue] = [:]
        for candidate in activationOrder {
            guard let parameter = parameters[candidate] else { continue }
            let isActive = isActive(parameter, given: values)
            if candidate == label { return isActive }
            if isActive, let given = suggestion.values[candidate] {
                values[candidate] = parameter.domain.normalised(given)
            }
        }
        return false
    }

    /// A suggestion made by asking for the value of every active parameter, deciding ones first.
    ///
    /// The values are in the order of the space, whatever the order in which they were asked for.
    /// - Parameter draw: the value of an active parameter, within its domain.
    public func suggestion<E: Error>(drawing draw: (Parameter) throws(E) -> LabelValue) throws(E) -> Suggestion {
        var values: [String: LabelValue] = [:]
        for label in activationOrder {
            guard let parameter = parameters[label], isActive(parameter, given: values) else { continue }
            values[label] = try draw(parameter)
        }
        var suggestion = Suggestion()
        for label in parameters.keys {
            if let value = values[label] { suggestion.values[label] = value }
        }
        return suggestion
    }

    /// Whether a parameter takes part.
    ///
    /// - Parameter values: the values of the active ones among the labels that decide this one.
    func isActive(_ parameter: Parameter, given values: [String: LabelValue]) -> Bool {
        if let option = enclosing[parameter.label], values[option.choice] != .integer(Int64(option.option)) {
            return false
        }
        return (parameter.condition?.clauses ?? []).allSatisfy { clause in
            guard let other = parameters[clause.label], let drawn = values[clause.label] else { return false }
            return clause.values.contains { other.domain.resolves(drawn, to: $0) }
        }
    }

    private func entries(
        of nodes: OrderedDictionary<String, SpaceNode>,
        given values: [String: LabelValue]
    ) -> Assignment {
        var entries: Assignment = [:]
        for (key, node) in nodes {
            if let value = resolved(node, given: values) { entries[key] = value }
        }
        return entries
    }

    /// The value of a node, or `nil` for an inactive parameter.
    func resolved(_ node: SpaceNode, given values: [String: LabelValue]) -> ParameterValue? {
        switch node {
        case .constant(let value): return value
        case .mapping(let nodes): return .mapping(entries(of: nodes, given: values))
        case .list(let items): return .list(items.compactMap { resolved($0, given: values) })
        case .parameter(let parameter):
            guard let value = values[parameter.label] else { return nil }
            guard let options = parameter.domain.options else { return parameter.domain.plainValue(of: value) }
            return value.index(in: options).flatMap { resolved(options[$0], given: values) }
        }
    }
}

extension ParameterDomain {
    /// The resolved value of a drawn one; `nil` for an option that holds parameters.
    func plainValue(of value: LabelValue) -> ParameterValue? {
        switch self {
        case .choice(let options, _): value.index(in: options).flatMap { options[$0].constantValue }
        case .uniformInteger: value.wholeNumber.map { .integer($0) } ?? ParameterValue(value)
        case .real, .randomInteger, .float, .integer: ParameterValue(value)
        }
    }

    /// Whether a drawn value is resolved to `value`, which may be written with less precision than a grid point has.
    func resolves(_ drawn: LabelValue, to value: ParameterValue) -> Bool {
        if case .choice = self { return plainValue(of: drawn)?.isSame(as: value) ?? false }
        return value.asLabelValue.flatMap { normalised($0) } == normalised(drawn)
    }
}

extension LabelValue {
    /// The value as the index of an option; `nil` when there is no such option.
    func index(in options: [SpaceNode]) -> Int? {
        wholeNumber.flatMap { Int(exactly: $0) }.flatMap { options.indices.contains($0) ? $0 : nil }
    }
}

extension ParameterValue {
    /// The drawn number as a value.
    public init(_ value: LabelValue) {
        switch value {
        case .integer(let number): self = .integer(number)
        case .double(let number): self = .double(number)
        }
    }
}
