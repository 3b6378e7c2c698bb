public import OrderedCollections

/// A name under which a command may ask for a value, such as `model.type`.
public struct DeclaredPath: Sendable, Hashable {
    /// Keys joined by dots.
    public var path: String
    /// Whether some trials have no value there: below a condition, or in some options of a choice only.
    public var canBeInactive: Bool
}

extension SearchSpace {
    /// Every path that a placeholder may name, with those of mappings and constants, outer before inner.
    public var declaredPaths: [DeclaredPath] {
        PathTable(root: root).canBeInactive.map { DeclaredPath(path: $0.key, canBeInactive: $0.value) }
    }

    /// The values of an assignment as a trial's arguments name them: see ``ParameterValue/flattened(_:)``.
    public func flattened(_ assignment: Assignment) -> [(path: String, value: ParameterValue)] {
        ParameterValue.flattened(assignment)
    }

    /// The value that a placeholder stands for; `nil` when there is none in this assignment.
    public func value(at path: String, in assignment: Assignment) -> ParameterValue? {
        ParameterValue.value(at: path, in: assignment)
    }
}

extension ParameterValue {
    /// The leaves of an assignment with their paths: keys of nested mappings are joined by dots.
    ///
    /// A list and an empty mapping are leaves.
    public static func flattened(_ assignment: Assignment) -> [(path: String, value: ParameterValue)] {
        assignment.flatMap { key, value -> [(path: String, value: ParameterValue)] in
            guard case .mapping(let entries) = value, !entries.isEmpty else { return [(key, value)] }
            return flattened(entries).map { ("\(key).\($0.path)", $0.value) }
        }
    }

    /// The value at a path of keys joined by dots, which may also lead to a mapping; `nil` when there is none.
    ///
    /// A key may contain dots itself.
    public static func value(at path: String, in assignment: Assignment) -> ParameterValue? {
        if let value = assignment[path] { return value }
        for (key, value) in assignment {
            guard path.hasPrefix("\(key)."), case .mapping(let entries) = value else { continue }
            if let found = Self.value(at: String(path.dropFirst(key.count + 1)), in: entries) { return found }
        }
        return nil
    }
}

/// All paths of a space, and whether each can be without a value.
struct PathTable {
    private(set) var canBeInactive: OrderedDictionary<String, Bool> = [:]
    /// Paths that two entries of one mapping share.
    private(set) var ambiguousPaths: OrderedSet<String> = []

    init(root: OrderedDictionary<String, SpaceNode>) {
        canBeInactive = paths(ofEntries: root.map { ($0, $1) }, prefix: "")
    }

    private mutating func paths(
        ofEntries entries: [(String, SpaceNode)],
        prefix: String
    ) -> OrderedDictionary<String, Bool> {
        var paths: OrderedDictionary<String, Bool> = [:]
        for (key, node) in entries {
            let path = prefix + key
            var isConditional = false
            if case .parameter(let parameter) = node { isConditional = parameter.condition != nil }
            var own: OrderedDictionary<String, Bool> = [path: isConditional]
            own.merge(self.paths(below: node, prefix: path + ".").map { ($0, $1 || isConditional) }) { $0 || $1 }
            for (inner, inactive) in own {
                if paths[inner] != nil { ambiguousPaths.append(inner) }
                paths[inner] = inactive
            }
        }
        return paths
    }

    private mutating func paths(below node: SpaceNode, prefix: String) -> OrderedDictionary<String, Bool> {
        switch node {
        case .constant(.mapping(let values)):
            return paths(ofEntries: values.map { ($0, .constant($1)) }, prefix: prefix)
        case .mapping(let nodes): return paths(ofEntries: nodes.map { ($0, $1) }, prefix: prefix)
        case .constant, .list: return [:]
        case .parameter(let parameter):
            guard let options = parameter.domain.options else { return [:] }
            var merged: OrderedDictionary<String, Bool> = [:]
            var present: [String: Int] = [:]
            for option in options {
                for (path, inactive) in paths(below: option, prefix: prefix) {
                    merged[path] = (merged[path] ?? false) || inactive
                    present[path, default: 0] += 1
                }
            }
            for path in merged.keys where present[path] != options.count { merged[path] = true }
            return merged
        }
    }
}
