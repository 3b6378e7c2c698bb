import Glibc

/// A file that holds a connection string, and so maybe a password.
enum URIFile {
    /// No connection string is longer.
    static let largestBytes = 16 << 10

    private static let advice = "Write the connection string alone into a file, and run `chmod 600` on it."

    /// The first line of the file, without white space at its ends.
    /// - Throws: ``StoreOptionsError/uriFile(path:reason:)``, also when others may read the file.
    static func read(_ path: String) throws(StoreOptionsError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .uriFile(path: path, reason: "\(String(cString: strerror(errno))). \(advice)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .uriFile(path: path, reason: "it is not a plain file. \(advice)")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .uriFile(path: path, reason: "others may read it. Run `chmod 600 '\(path)'`.")
        }
        var bytes = [UInt8](repeating: 0, count: largestBytes)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw .uriFile(path: path, reason: String(cString: strerror(errno)) + ".") }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let trimmed = line.drop { $0.isWhitespace }
        guard !trimmed.isEmpty else { throw .uriFile(path: path, reason: "its first line is empty. \(advice)") }
        return String(trimmed.reversed().drop { $0.isWhitespace }.reversed())
    }
}
