public import OrderedCollections

extension SearchSpace {
    /// The suggestion that leads to an assignment: the way back of ``assignment(for:)``.
    ///
    /// Constants may be left out. Of several equal options of a choice the first is taken.
    /// - Throws: when a key is unknown or missing, no option fits, or a value lies outside its domain.
    public func suggestion(for assignment: Assignment) throws(SearchSpaceError) -> Suggestion {
        var found: [String: LabelValue] = [:]
        try match(root, assignment, path: "", into: &found)
        var suggestion = Suggestion()
        for label in parameters.keys {
            if let value = found[label] { suggestion.values[label] = value }
        }
        // Conditions are judged on the way forth: a value that is missing or should not be there is found here.
        _ = try self.assignment(for: suggestion)
        return suggestion
    }

    private func match(
        _ nodes: OrderedDictionary<String, SpaceNode>,
        _ values: Assignment,
        path: String,
        into found: inout [String: LabelValue]
    ) throws(SearchSpaceError) {
        for key in values.keys where nodes[key] == nil {
            throw .mismatch(path: path + key, reason: "is no key of the search space")
        }
        for (key, node) in nodes {
            if let value = values[key] {
                try match(node, value, path: path + key, into: &found)
            } else if !node.mayBeLeftOut {
                throw .mismatch(path: path + key, reason: "has no value")
            }
        }
    }

    private func match(
        _ node: SpaceNode,
        _ value: ParameterValue,
        path: String,
        into found: inout [String: LabelValue]
    ) throws(SearchSpaceError) {
        switch node {
        case .constant(let constant):
            if !constant.isSame(as: value) {
                throw .mismatch(path: path, reason: "must be \(constant.json), not \(value.json)")
            }
        case .mapping(let nodes):
            guard case .mapping(let values) = value else {
                throw .mismatch(path: path, reason: "must be a mapping, not \(value.json)")
            }
            try match(nodes, values, path: path + ".", into: &found)
        case .list(let nodes):
            guard case .list(let values) = value, values.count == nodes.count else {
                throw .mismatch(path: path, reason: "must be a list of \(nodes.count) items, not \(value.json)")
            }
            for (node, value) in zip(nodes, values) { try match(node, value, path: path, into: &found) }
        case .parameter(let parameter):
            guard case .choice(let options) = parameter.domain else {
                guard let drawn = value.asLabelValue.flatMap({ parameter.domain.normalised($0) }) else {
                    let domain = parameter.domain.summary
                    throw .outsideDomain(label: parameter.label, value: value.json, domain: domain)
                }
                found[parameter.label] = drawn
                return
            }
            for (index, option) in options.enumerated() {
                var inner = found
                // An option that does not fit is no error while another may.
                guard (try? match(option, value, path: path, into: &inner)) != nil else { continue }
                found = inner
                found[parameter.label] = .integer(Int64(index))
                return
            }
            throw .outsideDomain(label: parameter.label, value: value.json, domain: parameter.domain.summary)
        }
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
