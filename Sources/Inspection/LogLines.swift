/// Puts the pieces of one output together to lines.
public struct LogLines: Sendable {
    /// Bytes after which a line is cut: an output without line ends must not fill the memory.
    public static let largestLine = 64 << 10

    private var rest: [UInt8] = []

    /// Nothing yet.
    public init() {}

    /// Takes a piece. - Returns: the lines that it completes, without their ends.
    public mutating func append(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
            let room = Self.largestLine - rest.count
            let stop = end ?? bytes.endIndex
            if stop - start > room {
                rest += bytes[start..<start + room]
                lines.append(rest)
                rest = []
                start += room
                continue
            }
            rest += bytes[start..<stop]
            start = stop
            if end != nil {
                lines.append(rest)
                rest = []
                start += 1
            }
        }
        return lines
    }

    /// What has no line end, when nothing more comes.
    public mutating func flush() -> [UInt8]? {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }
}

extension LogLines {
    /// The last lines of an output, with their ends; one that has not ended counts.
    public static func last(_ count: Int, of bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard count > 0 else { return [] }
        let end = UInt8(ascii: "\n")
        var left = count
        for index in bytes.indices.dropLast().reversed() where bytes[index] == end {
            left -= 1
            if left == 0 { return bytes[(index + 1)...] }
        }
        return bytes[...]
    }
}
