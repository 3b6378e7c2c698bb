import OrderedCollections

/// What the names that a person writes stand for in a space.
struct ParameterNames {
    /// What one name stands for.
    enum Target {
        /// The node at these keys.
        case path([String])
        /// A parameter, known by its label or its key.
        case parameter(Parameter)
    }

    private let space: SearchSpace
    /// The labels of the parameters that stand under a key anywhere.
    private var labels: [String: [String]] = [:]

    init(space: SearchSpace) {
        self.space = space
        collect(space.root)
    }

    /// - Throws: for a name that is unknown or ambiguous.
    func target(of name: String) throws(SearchSpaceError) -> Target {
        let paths = Self.keyPaths(of: name[...], in: space.root)
        if paths.count > 1 {
            throw .mismatch(path: name, reason: "leads to several places; use the label of the parameter instead")
        }
        if let path = paths.first { return .path(path) }
        if let parameter = space.parameters[name] { return .parameter(parameter) }
        let labels = labels[name] ?? []
        if labels.count > 1 {
            let texts = labels.prefix(Self.maximumListedLabels).map(quoted).joined(separator: ", ")
            throw .mismatch(path: name, reason: "is the key of several parameters; use a label: \(texts)")
        }
        guard let label = labels.first, let parameter = space.parameters[label] else {
            let candidates = space.declaredPaths.map(\.path) + space.parameters.keys
            if candidates.contains(name) {
                throw .mismatch(path: name, reason: "cannot be given: a choice decides it; give that choice instead")
            }
            var hint = suggestionText(for: name, among: candidates)
            if hint.isEmpty { hint = "; it has " + listed(space.parameters.keys) }
            throw .mismatch(path: name, reason: "is no parameter of the search space\(hint)")
        }
        return .parameter(parameter)
    }

    /// The first few labels, quoted.
    private func listed(_ labels: some Collection<String>) -> String {
        let shown = labels.prefix(Self.maximumListedLabels).map(quoted).joined(separator: ", ")
        return labels.count > Self.maximumListedLabels ? shown + " and more" : shown
    }

    /// Labels that a message lists.
    private static let maximumListedLabels = 5

    private mutating func collect(_ nodes: OrderedDictionary<String, SpaceNode>) {
        for (key, node) in nodes {
            if case .parameter(let parameter) = node { labels[key, default: []].append(parameter.label) }
            collect(inside: node)
        }
    }

    private mutating func collect(inside node: SpaceNode) {
        switch node {
        case .constant: return
        case .mapping(let nodes): collect(nodes)
        case .list(let items): for item in items { collect(inside: item) }
        case .parameter(let parameter): for option in parameter.domain.options ?? [] { collect(inside: option) }
        }
    }

    /// Every way to read a path as keys that follow each other; keys may contain dots.
    private static func keyPaths(
        of path: Substring,
        in nodes: OrderedDictionary<String, SpaceNode>
    ) -> OrderedSet<[String]> {
        var found: OrderedSet<[String]> = []
        for (key, node) in nodes {
            if path == key {
                found.append([key])
            } else if path.hasPrefix("\(key).") {
                for inner in keyPaths(of: path.dropFirst(key.count + 1), inside: node) { found.append([key] + inner) }
            }
        }
        return found
    }

    private static func keyPaths(of path: Substring, inside node: SpaceNode) -> OrderedSet<[String]> {
        switch node {
        case .constant, .list: return []
        case .mapping(let nodes): return keyPaths(of: path, in: nodes)
        case .parameter(let parameter):
            return OrderedSet((parameter.domain.options ?? []).flatMap { keyPaths(of: path, inside: $0) })
        }
    }
}
