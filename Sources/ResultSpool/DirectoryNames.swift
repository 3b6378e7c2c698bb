import Glibc

/// Looks into directories that others may change meanwhile.
public enum DirectoryNames {
    /// Names in a directory, sorted; none when it cannot be read.
    public static func all(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
            }
            // A name that is no UTF-8 is none of ours.
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
