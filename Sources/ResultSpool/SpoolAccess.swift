import Glibc

/// Changes of files with results; whoever calls has the right to their directory.
enum SpoolAccess {
    static func remove(_ file: SpoolFile) { unlink(file.path) }

    /// Renames a file that cannot be read, so that it is not tried again and again. - Returns: its new path.
    static func setAside(_ file: SpoolFile) -> String {
        let path = file.path + SpoolDirectory.badSuffix
        return rename(file.path, path) == 0 ? path : file.path
    }
}
