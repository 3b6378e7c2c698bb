import Glibc

/// Whether a directory can be used, without making it.
enum PlaceCheck {
    /// What is there.
    enum State: Sendable, Hashable {
        /// A file was written into it and removed again.
        case writable
        /// It is not there, and its nearest parent takes new directories.
        case canBeMade
        case notADirectory
        /// What the system said to writing there.
        case unusable(String)
    }

    /// Tries a directory; leaves nothing behind.
    static func state(of path: String) -> State {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOTDIR ? .notADirectory : parentState(of: path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return .notADirectory }
        var template = Array((path + "/.doctor-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return .unusable(String(cString: strerror(errno))) }
        let byte: UInt8 = 10
        let count = withUnsafeBytes(of: byte) { write(descriptor, $0.baseAddress, $0.count) }
        let reason = String(cString: strerror(errno))
        unlink(template)
        close(descriptor)
        return count == 1 ? .writable : .unusable(reason)
    }

    private static func parentState(of path: String) -> State {
        let parent = nearestParent(of: path)
        var status = stat()
        guard stat(parent, &status) == 0 else { return .unusable(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return .notADirectory }
        return access(parent, W_OK | X_OK) == 0 ? .canBeMade : .unusable(String(cString: strerror(errno)))
    }

    /// The path itself, or the nearest directory above it that exists.
    static func nearestParent(of path: String) -> String {
        var current = path
        var status = stat()
        while stat(current, &status) != 0, let slash = current.lastIndex(of: "/"), slash > current.startIndex {
            current = String(current[..<slash])
        }
        return stat(current, &status) == 0 ? current : "/"
    }

    /// Judges the directory in which trials keep their files.
    static func judge(workdir path: String, _ state: State) -> Finding {
        let remedy = "make it a writable directory (mkdir -p \(ForeignText.shellWord(path))), or pass --workdir DIR"
        switch state {
        case .writable: return Finding(.machine, "workdir", .ok, "\(path) is writable")
        case .canBeMade: return Finding(.machine, "workdir", .ok, "\(path) can be made")
        case .notADirectory:
            return Finding(.machine, "workdir", .fail, "\(path), or a part of it, is not a directory", remedy: remedy)
        case .unusable(let reason):
            return Finding(.machine, "workdir", .fail, "\(path) cannot be written: \(reason)", remedy: remedy)
        }
    }
}
