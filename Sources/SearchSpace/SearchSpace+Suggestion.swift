public import OrderedCollections

extension SearchSpace {
    /// The suggestion that leads to an assignment: the way back of ``assignment(for:)``.
    ///
    /// Constants may be left out. Of several equal options of a choice the first is taken.
    /// - Throws: when a key is unknown or missing, no option fits, or a value lies outside its domain.
    public func suggestion(for assignment: Assignment) throws(SearchSpaceError) -> Suggestion {
        var matcher = AssignmentMatcher(space: self, isPartial: false)
        try matcher.match(root, assignment, path: "")
        let suggestion = inOrder(matcher.found)
        // Conditions are judged on the way forth: a value that is missing or should not be there is found here.
        _ = try self.assignment(for: suggestion)
        return suggestion
    }

    /// A suggestion of the given values, in the order of the space.
    func inOrder(_ values: [String: LabelValue]) -> Suggestion {
        var suggestion = Suggestion()
        for label in parameters.keys {
            if let value = values[label] { suggestion.values[label] = value }
        }
        return suggestion
    }
}

/// Finds the drawn values behind the values that a trial sees.
struct AssignmentMatcher {
    let space: SearchSpace
    /// Whether keys may be missing: an option of a choice is then taken only when no other fits.
    let isPartial: Bool
    /// The values of labels that are known beforehand.
    var known: [String: LabelValue] = [:]
    /// The values found so far.
    private(set) var found: [String: LabelValue] = [:]

    init(space: SearchSpace, isPartial: Bool) {
        self.space = space
        self.isPartial = isPartial
    }

    /// - Parameter path: what leads to the entries: empty, or keys with a dot after each.
    mutating func match(
        _ nodes: OrderedDictionary<String, SpaceNode>,
        _ values: Assignment,
        path: String
    ) throws(SearchSpaceError) {
        for key in values.keys where nodes[key] == nil {
            throw .mismatch(
                path: path + key,
                reason: "is no key of the search space\(suggestionText(for: key, among: nodes.keys))"
            )
        }
        for (key, node) in nodes {
            if let value = values[key] {
                try match(node, value, path: path + key)
            } else if !isPartial, !node.mayBeLeftOut {
                throw .mismatch(path: path + key, reason: "has no value")
            }
        }
    }

    mutating func match(_ node: SpaceNode, _ value: ParameterValue, path: String) throws(SearchSpaceError) {
        switch node {
        case .constant(let constant):
            if !constant.isSame(as: value) {
                throw .mismatch(path: path, reason: "must be \(constant.json), not \(value.json)")
            }
        case .mapping(let nodes):
            guard case .mapping(let values) = value else {
                throw .mismatch(path: path, reason: "must be a mapping, not \(value.json)")
            }
            try match(nodes, values, path: path + ".")
        case .list(let nodes):
            guard case .list(let values) = value, values.count == nodes.count else {
                throw .mismatch(path: path, reason: "must be a list of \(nodes.count) items, not \(value.json)")
            }
            for (node, value) in zip(nodes, values) { try match(node, value, path: path) }
        case .parameter(let parameter): try match(parameter, value, path: path)
        }
    }

    mutating func match(_ parameter: Parameter, _ value: ParameterValue, path: String) throws(SearchSpaceError) {
        if let options = parameter.domain.options {
            let fit = try fit(among: options, of: parameter, value, path: path)
            found.merge(fit.found) { $1 }
            try note(.integer(Int64(fit.option)), for: parameter, path: path)
            return
        }
        guard let drawn = value.asLabelValue.flatMap({ parameter.domain.normalised($0) }) else {
            throw .outsideDomain(label: parameter.label, value: value.json, domain: parameter.domain.summary)
        }
        try note(drawn, for: parameter, path: path)
    }

    private mutating func note(
        _ value: LabelValue,
        for parameter: Parameter,
        path: String
    ) throws(SearchSpaceError) {
        if let other = known[parameter.label], other != value {
            throw .conflictingValues(label: parameter.label)
        }
        found[parameter.label] = value
    }

    /// An option that a value fits, and the values found in it.
    private struct Fit {
        var option: Int
        var found: [String: LabelValue]
    }

    private func fit(
        among options: [SpaceNode],
        of parameter: Parameter,
        _ value: ParameterValue,
        path: String
    ) throws(SearchSpaceError) -> Fit {
        var fits: [Fit] = []
        var insideErrors: [SearchSpaceError] = []
        let preset = known[parameter.label].flatMap { $0.index(in: options) }
        for (index, option) in options.enumerated() where preset == nil || preset == index {
            var inner = AssignmentMatcher(space: space, isPartial: isPartial)
            inner.known = known
            do {
                try inner.match(option, value, path: path)
                fits.append(Fit(option: index, found: inner.found))
                if !isPartial { break }
            } catch {
                // An option that does not fit is no error while another may. A wrong number, though, says which was meant.
                switch error {
                case .outsideDomain, .conflictingValues: insideErrors.append(error)
                default: break
                }
            }
        }
        if fits.count > 1 {
            guard let exact = fits.first(where: { isWhole($0, options[$0.option], value, path: path) }) else {
                throw ambiguity(of: fits.map { options[$0.option] }, value, path: path)
            }
            return exact
        }
        if let fit = fits.first { return fit }
        if insideErrors.count == 1 { throw insideErrors[0] }
        throw .outsideDomain(label: parameter.label, value: value.json, domain: parameter.domain.summary)
    }

    /// Whether an option with the values found in it gives a trial exactly `value`, nothing being drawn.
    private func isWhole(_ fit: Fit, _ option: SpaceNode, _ value: ParameterValue, path: String) -> Bool {
        var matcher = AssignmentMatcher(space: space, isPartial: false)
        guard (try? matcher.match(option, value, path: path)) != nil else { return false }
        return space.resolved(option, given: fit.found)?.isSame(as: value) ?? false
    }

    private func ambiguity(of options: [SpaceNode], _ value: ParameterValue, path: String) -> SearchSpaceError {
        let structures = options.map { option -> OrderedDictionary<String, SpaceNode> in
            if case .mapping(let nodes) = option { nodes } else { [:] }
        }
        var given: Assignment = [:]
        if case .mapping(let entries) = value { given = entries }
        // A key whose constant differs, or that only some of the options have, tells them apart.
        let key = structures.lazy.flatMap(\.keys).first { key in
            let nodes = structures.map { $0[key] }
            return given[key] == nil && !nodes.allSatisfy { $0?.constantValue != nil && $0 == nodes[0] }
                && (nodes.contains(nil) || nodes.contains { $0?.constantValue != nil })
        }
        let advice = key.map { "add \(quoted("\(path).\($0)"))" } ?? "give more of its values"
        return .mismatch(
            path: path,
            reason: "fits \(options.count) options of its choice; \(advice) to tell them apart"
        )
    }
}

extension SpaceNode {
    /// Whether an assignment may lack the node: constants are known, and conditional parameters may be inactive.
    fileprivate var mayBeLeftOut: Bool {
        switch self {
        case .constant: true
        case .parameter(let parameter): parameter.condition != nil
        case .mapping(let nodes): nodes.values.allSatisfy(\.mayBeLeftOut)
        case .list: constantValue != nil
        }
    }
}
