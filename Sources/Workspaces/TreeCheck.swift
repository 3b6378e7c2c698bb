/// Holds the entries of an archive to what a tree may be, so that whoever writes them out writes nothing outside of it.
///
/// Refused: absolute paths and such with `..`, links that leave the tree, anything below a link or a file, a name that stands
/// for two different things, more bytes or entries than allowed. Every directory above an entry is one of ours, so that a path
/// can be opened without meeting a link.
struct TreeCheck {
    private enum Known {
        case directory
        case file
        case link
    }

    private let limits: WorkspaceLimits
    private var known: [[UInt8]: Known] = [:]
    private var bytes: Int64 = 0

    init(limits: WorkspaceLimits) { self.limits = limits }

    /// Checks one entry. - Returns: it, after those of its directories that were not named; nothing for a directory again.
    mutating func add(_ name: String, _ kind: TreeEntry.Kind) throws(WorkspaceError) -> [TreeEntry] {
        guard let names = TreePath.names(of: name) else {
            throw .badArchive(reason: "\(name.debugDescription) in it leads out of the workspace")
        }
        // The root itself.
        guard !names.isEmpty else {
            if kind == .directory { return [] }
            throw .badArchive(reason: "\(name.debugDescription) in it is no directory")
        }
        let path = names.joined(separator: "/")
        guard TreePath.isPlain(path) else { throw .badName(path: path) }
        guard names.count <= WorkspaceLimits.largestDepth else { throw .tooDeep(path: path) }
        var added: [TreeEntry] = []
        for count in 1..<max(names.count, 1) {
            let parent = names.prefix(count).joined(separator: "/")
            switch known[Array(parent.utf8)] {
            case .directory: break
            case nil: added.append(try insert(parent, .directory))
            case .file, .link:
                throw .badArchive(
                    reason:
                        "\(path.debugDescription) in it lies below \(parent.debugDescription), which is no directory"
                )
            }
        }
        if kind == .directory, known[Array(path.utf8)] == .directory { return added }
        guard known[Array(path.utf8)] == nil else {
            throw .badArchive(reason: "\(path.debugDescription) is in it twice")
        }
        if case .link(let target) = kind {
            guard TreePath.staysInside(target: target, of: path), TreePath.isPlain(target) else {
                throw .links(["\(path) -> \(target)"])
            }
        }
        added.append(try insert(path, kind))
        return added
    }

    /// Checks a second name of a file. - Returns: both, or `nil` when they are the same.
    mutating func addHardLink(
        _ name: String,
        to target: String
    ) throws(WorkspaceError) -> (path: String, target: String)? {
        guard let names = TreePath.names(of: target), let ours = TreePath.names(of: name) else {
            throw .badArchive(reason: "\(name.debugDescription) in it leads out of the workspace")
        }
        let source = names.joined(separator: "/")
        guard known[Array(source.utf8)] == .file else {
            throw .badArchive(reason: "\(name.debugDescription) in it is a link to a file that is not in it")
        }
        let path = ours.joined(separator: "/")
        if path == source { return nil }
        let parent = ours.dropLast().joined(separator: "/")
        guard !ours.isEmpty, parent.isEmpty || known[Array(parent.utf8)] == .directory,
            known[Array(path.utf8)] == nil, TreePath.isPlain(path)
        else { throw .badArchive(reason: "\(path.debugDescription) in it is in the place of something else") }
        _ = try insert(path, .file(bytes: 0, isExecutable: false))
        return (path, source)
    }

    private mutating func insert(_ path: String, _ kind: TreeEntry.Kind) throws(WorkspaceError) -> TreeEntry {
        guard known.count < limits.entries else { throw .tooMany(limit: limits.entries, largest: []) }
        switch kind {
        case .directory: known[Array(path.utf8)] = .directory
        case .link: known[Array(path.utf8)] = .link
        case .file(let size, _):
            guard size >= 0 else { throw .badArchive(reason: "\(path.debugDescription) in it has no size") }
            // Subtracted, since the sum could overflow.
            guard size <= limits.bytes - bytes else {
                throw .tooLarge(bytes: 0, limit: limits.bytes, largest: [])
            }
            bytes += size
            known[Array(path.utf8)] = .file
        }
        return TreeEntry(path: path, kind: kind)
    }
}
