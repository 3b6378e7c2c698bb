/// The hash of a tree: SHA-256 of what is in it, whatever the archive around it, the owners and the times.
///
/// The bytes that are hashed: ``preamble``; then each entry, ascending by the bytes of its path: a letter (`d` directory, `f`
/// file, `x` executable file, `l` symbolic link), its path, NUL, the number of bytes that follow in decimal digits, NUL, and
/// the bytes: the content of a file, the target of a link, nothing for a directory.
final class ContentDigest: TreeSink {
    /// Names the form, so that another one can never have the same hash.
    static let preamble = "hyper-workspace-1\n"

    private let digest = SHA256()
    /// The hash, once the tree is complete: 64 hexadecimal digits.
    private(set) var hash = ""
    /// Files so far.
    private(set) var files = 0
    /// Bytes of all files so far.
    private(set) var bytes: Int64 = 0

    init() { digest.update(Self.preamble) }

    func begin(_ entry: TreeEntry) throws {
        switch entry.kind {
        case .directory: digest.update("d\(entry.path)\0" + "0\0")
        case .link(let target):
            digest.update("l\(entry.path)\0\(target.utf8.count)\0\(target)")
            files += 1
        case .file(let size, let isExecutable):
            digest.update("\(isExecutable ? "x" : "f")\(entry.path)\0\(size)\0")
            files += 1
            bytes += size
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) { digest.update(bytes) }

    func finish() { hash = digest.finish() }
}
