import Glibc

/// Values that a worker knows and definitions only name: from a file of lines `NAME=value`.
public struct Secrets: Sendable {
    /// Bytes that a file of secrets may have.
    public static let maximumBytes = 1 << 20

    /// What is wrong with a file of secrets; never tells what stands in it.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// It cannot be read.
        case unreadable(path: String, reason: String)
        /// Others could read it.
        case open(path: String, mode: String)
        /// It is too large.
        case tooLarge(path: String)
        /// A line is no `NAME=value`.
        case line(path: String, number: Int)

        /// What happened and what to do.
        public var description: String {
            switch self {
            case .unreadable(let path, let reason):
                "the file of secrets \(shown(path, limit: 400)) cannot be read: \(reason)"
            case .open(let path, let mode):
                "the file of secrets \(shown(path, limit: 400)) may be used by others than its owner (mode \(mode)); "
                    + "chmod 600 it"
            case .tooLarge(let path):
                "the file of secrets \(shown(path, limit: 400)) has more than \(Secrets.maximumBytes) bytes"
            case .line(let path, let number):
                "line \(number) of the file of secrets \(shown(path, limit: 400)) is not NAME=value; write one secret a line, "
                    + "comments behind #"
            }
        }
    }

    private let values: [String: String]

    /// Secrets by name.
    public init(_ values: [String: String] = [:]) { self.values = values }

    /// Reads a file of lines `NAME=value`; empty lines and those that begin with `#` are passed over, and a value is taken as it
    /// stands, without the spaces at the end of the line.
    public init(path: String) throws(Failure) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "it is no file") }
        guard status.st_mode & 0o077 == 0 else {
            throw .open(path: path, mode: "0" + String(status.st_mode & 0o7777, radix: 8))
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= Self.maximumBytes else { throw .tooLarge(path: path) }
        }
        values = try Self.parse(String(decoding: bytes, as: UTF8.self), path: path)
    }

    private static func parse(_ text: String, path: String) throws(Failure) -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard let first = line.first(where: { !$0.isWhitespace }), first != "#" else { continue }
            guard let separator = line.firstIndex(of: "="), !line.utf8.contains(0) else {
                throw .line(path: path, number: index + 1)
            }
            let name = line[..<separator].trimming { $0.isWhitespace }
            guard !name.isEmpty, !name.contains(where: \.isWhitespace) else {
                throw .line(path: path, number: index + 1)
            }
            var value = line[line.index(after: separator)...]
            while value.last?.isWhitespace ?? false { value.removeLast() }
            values[String(name)] = String(value)
        }
        return values
    }

    /// The value of a name; `nil` when it is not known.
    public subscript(name: String) -> String? { values[name] }

    /// All names, sorted.
    public var names: [String] { values.keys.sorted() }
}

extension Substring {
    fileprivate func trimming(_ isOutside: (Character) -> Bool) -> Substring {
        var rest = self
        while let first = rest.first, isOutside(first) { rest.removeFirst() }
        while let last = rest.last, isOutside(last) { rest.removeLast() }
        return rest
    }
}
