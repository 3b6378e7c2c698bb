import Glibc

/// Finds the program of a command as `execvp` would, and says why when there is none to run.
package struct ExecutableLookup {
    /// Searched when the environment has no `PATH`.
    static let defaultPath = "/usr/local/bin:/usr/bin:/bin"

    /// Absolute path of the program.
    ///
    /// - Parameters:
    ///   - path: `PATH` of the trial.
    ///   - directory: working directory of the trial, to which relative names and entries refer.
    package static func find(_ name: String, path: String?, in directory: String) throws(LookupFailure) -> String {
        if name.utf8.contains(UInt8(ascii: "/")) {
            let full = name.hasPrefix("/") ? name : directory + "/" + name
            if let failure = problem(with: full) { throw failure }
            return full
        }
        var refused: LookupFailure?
        for entry in (path ?? defaultPath).split(separator: ":", omittingEmptySubsequences: false) {
            let folder = entry.hasPrefix("/") ? String(entry) : directory + "/" + entry
            let candidate = folder + "/" + name
            guard let failure = problem(with: candidate) else { return candidate }
            if case .notExecutable = failure, refused == nil { refused = failure }
        }
        throw refused ?? .notFound
    }

    private static func problem(with path: String) -> LookupFailure? {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == EACCES ? .notExecutable(path: path) : .notFound }
        if status.st_mode & S_IFMT == S_IFDIR { return .isDirectory(path: path) }
        return access(path, X_OK) == 0 ? nil : .notExecutable(path: path)
    }
}
