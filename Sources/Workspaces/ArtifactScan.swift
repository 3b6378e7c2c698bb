import ExperimentModel
import Glibc

/// The files of an output directory that rules want kept.
struct ArtifactScan {
    /// A file.
    struct File: Sendable, Hashable {
        var path: String
        var bytes: Int64
    }

    /// Most files of one attempt that are kept.
    static let largestCount = 10_000

    /// The files, ascending by the bytes of their paths.
    private(set) var files: [File] = []
    /// What rules want and cannot be kept: links, pipes, names with control characters, what cannot be read.
    private(set) var skipped: [String] = []
    /// Whether there were more files than ``largestCount``.
    private(set) var isCut = false
    private let include: [PathPattern]
    private let exclude: [PathPattern]
    private let root: String

    /// Walks a directory, which a trial has filled as it liked; follows no link. Blocks.
    /// - Throws: ``WorkspaceError/badPattern(_:reason:)``.
    init(of root: String, _ rules: ArtifactRules) throws(WorkspaceError) {
        self.root = root
        include = try Self.patterns(rules.include)
        exclude = try Self.patterns(rules.exclude)
        enter("", isWanted: false, depth: 0)
        files.sort { TreePath.precedes($0.path, $1.path) }
    }

    /// Bytes of all files.
    var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }

    private static func patterns(_ lines: [String]) throws(WorkspaceError) -> [PathPattern] {
        var patterns: [PathPattern] = []
        for line in lines {
            if let pattern = try PathPattern(line: line) { patterns.append(pattern) }
        }
        return patterns
    }

    private mutating func enter(_ directory: String, isWanted: Bool, depth: Int) {
        guard depth < WorkspaceLimits.largestDepth else { return skipped.append(directory) }
        let place = directory.isEmpty ? root : "\(root)/\(directory)"
        guard let stream = opendir(place) else {
            if errno != ENOENT { skipped.append(directory.isEmpty ? "." : directory) }
            return
        }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        closedir(stream)
        for name in names.sorted(by: TreePath.precedes) {
            add(directory.isEmpty ? name : "\(directory)/\(name)", isWanted: isWanted, depth: depth)
            if isCut { return }
        }
    }

    private mutating func add(_ path: String, isWanted: Bool, depth: Int) {
        var status = stat()
        guard lstat("\(root)/\(path)", &status) == 0 else {
            if errno != ENOENT { skipped.append(path) }
            return
        }
        let type = status.st_mode & S_IFMT
        if Self.decides(exclude, path, type == S_IFDIR) { return }
        let isWanted = isWanted || Self.decides(include, path, type == S_IFDIR)
        if type == S_IFDIR { return enter(path, isWanted: isWanted, depth: depth + 1) }
        guard isWanted else { return }
        guard type == S_IFREG, TreePath.isPlain(path), path.utf8.count <= WorkspaceLimits.largestPathBytes / 4 else {
            return skipped.append(path)
        }
        guard files.count < Self.largestCount else { return isCut = true }
        files.append(File(path: path, bytes: Int64(status.st_size)))
    }

    /// The last pattern that matches decides.
    private static func decides(_ patterns: [PathPattern], _ path: String, _ isDirectory: Bool) -> Bool {
        patterns.last { $0.matches(path, isDirectory: isDirectory) }.map { !$0.isNegated } ?? false
    }
}
