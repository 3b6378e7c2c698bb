import Glibc

/// Removes a directory with everything in it, by descriptors alone: what somebody turns into a link meanwhile is not followed.
struct DirectoryRemoval {
    /// Levels of directories that are descended; a trial that nests deeper keeps its directory.
    static let largestDepth = 256

    private var problem: String?
    /// The file system of the work directory; what is mounted into it by a trial is not its own.
    private var device: dev_t = 0

    /// Removes the last of `path`, which lies in `root`, each a directory of the one before.
    /// - Returns: why something is left, or `nil` when it is gone, also when it was before.
    static func remove(_ path: [String], in root: String) -> String? {
        var removal = DirectoryRemoval()
        let start = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard start >= 0 else { return errno == ENOENT ? nil : "\(root): \(reason)" }
        var parent = start
        defer { close(parent) }
        for name in path.dropLast() {
            let next = openat(parent, name, flags)
            guard next >= 0 else { return errno == ENOENT ? nil : "\(root)/\(name): \(reason)" }
            close(parent)
            parent = next
        }
        guard let name = path.last else { return nil }
        var status = stat()
        guard fstat(parent, &status) == 0 else { return "\(root): \(reason)" }
        removal.device = status.st_dev
        // Held to the end, so that no worker begins with it meanwhile.
        let lock = openat(parent, name, flags)
        defer { if lock >= 0 { close(lock) } }
        guard lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            return "\(root)/\(path.joined(separator: "/")): an attempt runs in it"
        }
        name.withCString { removal.removeDirectory($0, in: parent, depth: 0) }
        return removal.problem.map { "\(root)/\(path.joined(separator: "/")): \($0)" }
    }

    private static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    private static var reason: String { String(cString: strerror(errno)) }

    private mutating func removeDirectory(_ name: UnsafePointer<CChar>, in parent: Int32, depth: Int) {
        guard depth < Self.largestDepth else { return note("directories are nested too deeply") }
        var descriptor = openat(parent, name, Self.flags)
        if descriptor < 0, errno == EACCES {
            // A trial may have locked us out of its own directory.
            fchmodat(parent, name, 0o700, AT_SYMLINK_NOFOLLOW)
            descriptor = openat(parent, name, Self.flags)
        }
        guard descriptor >= 0 else {
            if errno != ENOENT { note(Self.reason) }
            return
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_dev == device else {
            note("another file system is mounted in it")
            close(descriptor)
            return
        }
        fchmod(descriptor, 0o700)
        // The stream takes the descriptor over and closes it.
        guard let stream = fdopendir(descriptor) else {
            note(Self.reason)
            close(descriptor)
            return
        }
        removeEntries(of: stream, descriptor, depth: depth)
        closedir(stream)
        if unlinkat(parent, name, AT_REMOVEDIR) != 0, errno != ENOENT { note(Self.reason) }
    }

    private mutating func removeEntries(of stream: OpaquePointer, _ descriptor: Int32, depth: Int) {
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { bytes in
                    Array(UnsafeBufferPointer(start: bytes, count: strlen(bytes) + 1))
                }
            }
            if name != [46, 0], name != [46, 46, 0] { names.append(name) }
        }
        for name in names {
            if unlinkat(descriptor, name, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else {
                note(Self.reason)
                continue
            }
            removeNested(name, in: descriptor, depth: depth + 1)
        }
    }

    private mutating func removeNested(_ name: [CChar], in parent: Int32, depth: Int) {
        // Names need not be UTF-8, so they stay as they are.
        name.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            removeDirectory(base, in: parent, depth: depth)
        }
    }

    private mutating func note(_ text: String) { problem = problem ?? text }
}
