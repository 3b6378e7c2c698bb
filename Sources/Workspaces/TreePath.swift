/// What paths and targets of links in a tree may be.
enum TreePath {
    /// The names of a relative path without `.`; `nil` when it is absolute, leads upwards, is too long or holds a NUL.
    static func names(of path: String) -> [Substring]? {
        let bytes = path.utf8
        guard !path.isEmpty, bytes.count <= WorkspaceLimits.largestPathBytes, bytes.first != UInt8(ascii: "/"),
            !bytes.contains(0)
        else { return nil }
        let names = bytes.split(separator: UInt8(ascii: "/")).map { Substring($0) }.filter { $0 != "." }
        guard !names.contains(".."), names.allSatisfy({ $0.utf8.count <= longestName }) else { return nil }
        return names
    }

    /// Whether a link at `path` can only lead to places in the tree.
    ///
    /// `..` may stand at the beginning alone: behind a name, which may itself be a link, nobody can say where it leads.
    static func staysInside(target: String, of path: String) -> Bool {
        let bytes = target.utf8
        guard !target.isEmpty, bytes.count <= WorkspaceLimits.largestPathBytes, bytes.first != UInt8(ascii: "/"),
            !bytes.contains(0)
        else { return false }
        let depth = path.utf8.count { $0 == UInt8(ascii: "/") }
        let names = bytes.split(separator: UInt8(ascii: "/")).map { Substring($0) }.filter { $0 != "." }
        let ascents = names.prefix { $0 == ".." }.count
        return ascents <= depth && !names.dropFirst(ascents).contains("..")
    }

    /// Whether a name or path can be shown and stored: no control characters, and valid text.
    static func isPlain(_ path: String) -> Bool {
        !path.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\u{FFFD}" }
    }

    /// Whether one path comes before another by their bytes.
    static func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

    /// Bytes of a name, as Linux allows.
    private static let longestName = 255
}
