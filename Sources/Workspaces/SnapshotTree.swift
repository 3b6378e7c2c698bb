import Glibc

/// The files of a directory that belong to a workspace, as they are now.
public struct SnapshotTree: Sendable {
    /// The directory; absolute.
    public let root: String
    /// What is in it, ascending by the bytes of the path, so that each directory comes before what is in it.
    public let entries: [TreeEntry]
    /// Files and directories that rules left out; what is in such a directory is not counted.
    public let ignoredCount: Int
    /// Bytes of all files.
    public let bytes: Int64

    /// Files and directories that a message names.
    static let shownLargest = 5

    /// Walks a directory; follows no link but that of the directory itself. Blocks.
    /// - Throws: ``WorkspaceError``.
    public init(of root: String, ignoring patterns: [String], limits: WorkspaceLimits) throws(WorkspaceError) {
        var walk = Walk(root: root, rules: try IgnoreRules(patterns), limits: limits)
        try walk.enter("", depth: 0)
        if !walk.badLinks.isEmpty { throw .links(walk.badLinks.sorted(by: TreePath.precedes)) }
        self.root = root
        entries = walk.entries.sorted { TreePath.precedes($0.path, $1.path) }
        ignoredCount = walk.ignoredCount
        bytes = walk.bytes
        guard bytes <= limits.bytes else {
            throw .tooLarge(bytes: bytes, limit: limits.bytes, largest: Self.largest(of: entries))
        }
    }

    /// The largest files and directories of the first level, the largest first.
    public var largest: [LargeEntry] { Self.largest(of: entries) }

    static func largest(of entries: [TreeEntry]) -> [LargeEntry] {
        var sizes: [String: Int64] = [:]
        for entry in entries where entry.bytes > 0 {
            let names = entry.path.split(separator: "/", maxSplits: 1)
            sizes[names.count > 1 ? "\(names[0])/" : entry.path, default: 0] += entry.bytes
        }
        let all = sizes.map { LargeEntry(path: $0.key, bytes: $0.value) }
        return Array(
            all.sorted { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : TreePath.precedes($0.path, $1.path) }
                .prefix(shownLargest)
        )
    }

    /// Hands entries and contents to a sink. Blocks.
    /// - Throws: ``WorkspaceError/changed(path:)`` when a file is no longer as large as it was.
    func read(into sink: any TreeSink) throws {
        for entry in entries {
            try sink.begin(entry)
            guard case .file(let size, _) = entry.kind else { continue }
            let path = "\(root)/\(entry.path)"
            var left = size
            let file = try LocalFile(reading: path)
            while try file.readPiece({ piece in
                left -= Int64(piece.count)
                guard left >= 0 else { throw WorkspaceError.changed(path: path) }
                try sink.append(piece)
            }) {}
            guard left == 0 else { throw WorkspaceError.changed(path: path) }
        }
        try sink.finish()
    }
}

/// One walk through a directory.
private struct Walk {
    let root: String
    var rules: IgnoreRules
    let limits: WorkspaceLimits
    var entries: [TreeEntry] = []
    var badLinks: [String] = []
    var ignoredCount = 0
    var bytes: Int64 = 0

    init(root: String, rules: IgnoreRules, limits: WorkspaceLimits) {
        self.root = root
        self.rules = rules
        self.limits = limits
    }

    mutating func enter(_ directory: String, depth: Int) throws(WorkspaceError) {
        guard depth < WorkspaceLimits.largestDepth else { throw .tooDeep(path: directory) }
        let place = directory.isEmpty ? root : "\(root)/\(directory)"
        let names = try Self.names(in: place, isRoot: directory.isEmpty)
        let text = names.contains(IgnoreRules.fileName) ? try patterns("\(place)/\(IgnoreRules.fileName)") : nil
        try rules.enter(directory, text: text)
        var nested: [String] = []
        for name in names {
            let path = directory.isEmpty ? name : "\(directory)/\(name)"
            if try add(path) { nested.append(path) }
        }
        for path in nested { try enter(path, depth: depth + 1) }
    }

    /// - Returns: whether it is a directory to enter.
    private mutating func add(_ path: String) throws(WorkspaceError) -> Bool {
        let place = "\(root)/\(path)"
        var status = stat()
        guard lstat(place, &status) == 0 else {
            // Somebody took it away since the directory was read.
            if errno == ENOENT { return false }
            throw .unreadable(path: place, reason: String(cString: strerror(errno)))
        }
        let type = status.st_mode & S_IFMT
        if rules.isIgnored(path, isDirectory: type == S_IFDIR) {
            ignoredCount += 1
            return false
        }
        guard TreePath.isPlain(path), path.utf8.count <= WorkspaceLimits.largestPathBytes else {
            throw .badName(path: place)
        }
        guard entries.count < limits.entries else {
            throw .tooMany(limit: limits.entries, largest: crowded())
        }
        switch type {
        case S_IFDIR:
            entries.append(TreeEntry(path: path, kind: .directory))
            return true
        case S_IFREG:
            guard access(place, R_OK) == 0 else {
                throw .unreadable(path: place, reason: String(cString: strerror(errno)))
            }
            bytes += Int64(status.st_size)
            let isExecutable = status.st_mode & S_IXUSR != 0
            entries.append(
                TreeEntry(path: path, kind: .file(bytes: Int64(status.st_size), isExecutable: isExecutable))
            )
        case S_IFLNK:
            let target = try Self.target(of: place)
            if TreePath.staysInside(target: target, of: path), TreePath.isPlain(target) {
                entries.append(TreeEntry(path: path, kind: .link(target: target)))
            } else {
                badLinks.append("\(path) -> \(target)")
            }
        default: throw .special(path: place)
        }
        return false
    }

    /// Directories of the first level with the most entries.
    private func crowded() -> [String] {
        var counts: [String: Int] = [:]
        for entry in entries {
            if let first = entry.path.split(separator: "/").first, first.count < entry.path.count {
                counts["\(first)/", default: 0] += 1
            }
        }
        let sorted = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        return sorted.prefix(SnapshotTree.shownLargest).map { "\($0.key) (\($0.value))" }
    }

    private func patterns(_ path: String) throws(WorkspaceError) -> String {
        var bytes: [UInt8] = []
        do {
            let file = try LocalFile(reading: path)
            while try file.readPiece({ piece in
                bytes += piece
                guard bytes.count <= IgnoreRules.maximumFileBytes else {
                    throw WorkspaceError.unreadable(
                        path: path,
                        reason: "it has more than \(IgnoreRules.maximumFileBytes) bytes"
                    )
                }
            }) {}
        } catch let error as WorkspaceError {
            throw error
        } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func names(in directory: String, isRoot: Bool) throws(WorkspaceError) -> [String] {
        guard let stream = opendir(directory) else {
            if isRoot, errno == ENOENT { throw .missing(path: directory) }
            throw .unreadable(path: directory, reason: String(cString: strerror(errno)))
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted(by: TreePath.precedes)
    }

    private static func target(of link: String) throws(WorkspaceError) -> String {
        var buffer = [CChar](repeating: 0, count: WorkspaceLimits.largestPathBytes)
        let count = readlink(link, &buffer, buffer.count)
        guard count >= 0 else { throw .unreadable(path: link, reason: String(cString: strerror(errno))) }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
