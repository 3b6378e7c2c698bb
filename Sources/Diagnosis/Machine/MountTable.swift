import Foundation

/// Which kind of file system holds a path, by `/proc/self/mountinfo` (proc(5)), so that a dead one is not touched.
struct MountTable: Sendable {
    /// Longer tables are cut; the longest matching mount that was read counts.
    static let largestBytes = 1 << 20

    private let mounts: [(point: String, type: String)]

    /// Reads the text of `/proc/self/mountinfo`; lines that make no sense are left out.
    init(text: String) {
        mounts = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, let separator = fields.dropFirst(6).firstIndex(of: "-"),
                separator + 1 < fields.endIndex
            else { return nil }
            return (Self.unescaped(fields[4]), String(fields[separator + 1]))
        }
    }

    /// The table of this process.
    static func current() -> MountTable {
        MountTable(text: ProcessFile.text("/proc/self/mountinfo", limit: largestBytes) ?? "")
    }

    /// The type of the file system that holds an absolute path without symbolic links; of mounts on one point, the last.
    func type(of path: String) -> String? {
        var best: (length: Int, type: String)?
        for mount in mounts where Self.contains(mount.point, path) && mount.point.utf8.count >= best?.length ?? 0 {
            best = (mount.point.utf8.count, mount.type)
        }
        return best?.type
    }

    private static func contains(_ point: String, _ path: String) -> Bool {
        point == "/" || path == point || path.hasPrefix(point + "/")
    }

    /// Space, tab, newline and backslash stand as octal numbers.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let networkTypes: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "lustre", "gpfs", "beegfs",
        "ceph", "fuse.ceph", "afs", "9p", "davfs", "fuse.rclone", "pvfs2", "wekafs",
    ]
    private static let memoryTypes: Set<String> = ["tmpfs", "ramfs"]

    /// Whether the data of a `mongod` is safe on such a file system.
    static func judgeForDatabase(type: String?, path: String) -> Finding {
        guard let type else {
            return Finding(.store, "filesystem", .skip, "the kind of file system of \(path) is not known")
        }
        let elsewhere = "name a directory on a disk of this machine with --data-dir"
        if networkTypes.contains(type) {
            let detail = "\(path) lies on \(type), a network file system, where mongod is slow and its locks may fail"
            return Finding(.store, "filesystem", .warn, detail, remedy: elsewhere)
        }
        if memoryTypes.contains(type) {
            let detail = "\(path) lies in memory (\(type)): its experiments are gone when the machine restarts"
            return Finding(.store, "filesystem", .warn, detail, remedy: elsewhere)
        }
        return Finding(.store, "filesystem", .ok, "\(path) lies on \(type)")
    }
}
