import OrderedCollections
import SearchSpace

/// Points that are tried first.
extension DefinitionReader {
    /// Points that a file may give.
    static let maximumInitial = 10_000

    func readInitial(_ file: SectionReader, space: SearchSpace?, maxTrials: Int?) -> [Suggestion] {
        guard let node = file.node("initial") else { return [] }
        guard case .list(let items) = node.content, items.count <= Self.maximumInitial else {
            let message = "initial must be a list of at most \(Self.maximumInitial) mappings, not \(node.kind)"
            diagnostics.error(message, at: node.position)
            return []
        }
        if let maxTrials, items.count > maxTrials {
            let message =
                "initial has \(items.count) points, but limits.max_trials is \(maxTrials): the last ones are not tried"
            diagnostics.warning(message, at: node.position)
        }
        return items.compactMap { readPoint($0, space: space) }
    }

    private func readPoint(_ node: FileNode, space: SearchSpace?) -> Suggestion? {
        guard case .mapping(let entries) = node.content else {
            let message = "a point must be a mapping from parameters to values, not \(node.kind)"
            diagnostics.error(message, at: node.position)
            return nil
        }
        guard !entries.isEmpty else {
            diagnostics.error("this point gives no value; remove it", at: node.position)
            return nil
        }
        let reader = SpaceReader(diagnostics: diagnostics)
        guard case .mapping(let assignment) = reader.value(of: node), let space else { return nil }
        do throws(SearchSpaceError) {
            return try space.partialSuggestion(for: assignment)
        } catch {
            diagnostics.error(error.description, at: place(of: error, in: node, space: space))
            return nil
        }
    }

    /// Where in a point the value stands that an error is about, as near as can be told.
    private func place(of error: SearchSpaceError, in node: FileNode, space: SearchSpace) -> SourcePosition {
        if let path = error.path, let found = Self.value(at: path[...], in: node) { return found.position }
        guard let label = error.label else { return node.position }
        let paths = space.paths(ofLabel: label)
        return paths.lazy.compactMap { Self.value(at: $0[...], in: node) }.first?.position ?? node.position
    }

    /// The deepest node along a path of keys joined by dots; `nil` when not even the first key is there.
    private static func value(at path: Substring, in node: FileNode) -> FileNode? {
        guard case .mapping(let entries) = node.content else { return nil }
        for entry in entries {
            if path == entry.key { return entry.value }
            guard path.hasPrefix("\(entry.key).") else { continue }
            return value(at: path.dropFirst(entry.key.count + 1), in: entry.value) ?? entry.value
        }
        return nil
    }
}

extension SearchSpace {
    /// Under which paths of keys, joined by dots, a trial sees the value of a label.
    fileprivate func paths(ofLabel label: String) -> [String] {
        root.flatMap { key, node in Self.paths(to: label, in: node, path: key) }
    }

    private static func paths(to label: String, in node: SpaceNode, path: String) -> [String] {
        switch node {
        case .constant: []
        case .list(let items): items.flatMap { paths(to: label, in: $0, path: path) }
        case .mapping(let nodes): nodes.flatMap { paths(to: label, in: $1, path: "\(path).\($0)") }
        case .parameter(let parameter):
            (parameter.label == label ? [path] : [])
                + (parameter.domain.options ?? []).flatMap { paths(to: label, in: $0, path: path) }
        }
    }
}
