import Foundation
import Glibc

/// The end of `mongod.log`, shortened for people.
enum LogTail {
    static let maximumBytes = 16 * 1024
    static let maximumLines = 12
    static let maximumLineLength = 300

    /// The last lines written after `offset`; empty when there is nothing to read.
    static func read(_ path: String, from offset: Int) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return "" }
        let start = max(offset, Int(status.st_size) - maximumBytes)
        var buffer = [UInt8](repeating: 0, count: maximumBytes)
        let count = max(0, pread(descriptor, &buffer, buffer.count, off_t(max(0, start))))
        let lines = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
        // A tail that starts inside a line would show half of it.
        let whole = start > offset ? lines.dropFirst() : lines[...]
        let readable = whole.map { Self.readable($0) }
        let important = readable.filter { $0.isImportant }
        // Errors tell why; without any, the last lines tell how far it came.
        let chosen = important.isEmpty ? readable[...] : important.suffix(maximumLines)
        return chosen.suffix(maximumLines).map { "  " + $0.text }.joined(separator: "\n")
    }

    /// Text from outside without anything that could steer a terminal.
    static func printable(_ text: some StringProtocol) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                        ? " " : scalar
                }
            )
        )
    }

    /// A line of MongoDB's JSON log as `E STORAGE message {details}`; any other line as it is.
    private static func readable(_ line: Substring) -> (text: String, isImportant: Bool) {
        struct Entry: Decodable {
            let s: String
            let c: String
            let msg: String
        }
        guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8)) else {
            // Not JSON: a message of the loader or of a script.
            return (printable(line.prefix(maximumLineLength)), true)
        }
        var details = ""
        if let range = line.range(of: "\"attr\":") { details = " " + line[range.upperBound...].dropLast() }
        let text = "\(entry.s) \(entry.c) \(entry.msg)\(details)"
        return (printable(text.prefix(maximumLineLength)), ["E", "F"].contains(entry.s))
    }
}
