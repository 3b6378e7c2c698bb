/// The lines of an input, kept to find places inside of scalars.
///
/// Lines end where YAML ends them: at LF, CR, CR LF, NEL, LINE SEPARATOR and PARAGRAPH SEPARATOR.
final class SourceLines {
    let scalars: [Unicode.Scalar]
    /// Offset of the first character of each line.
    private let starts: [Int]

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        var starts = [0]
        for (offset, scalar) in scalars.enumerated() where Self.isBreak(scalar) {
            let isFirstOfPair = scalar == "\r" && offset + 1 < scalars.count && scalars[offset + 1] == "\n"
            if !isFirstOfPair { starts.append(offset + 1) }
        }
        self.starts = starts
    }

    var count: Int { starts.count }

    static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    /// The offset of a line and column, which count from 1; `nil` when there is no such line or it is shorter.
    func offset(line: Int, column: Int) -> Int? {
        guard starts.indices.contains(line - 1), column > 0 else { return nil }
        let offset = starts[line - 1] + column - 1
        let end = line < starts.count ? starts[line] : scalars.count
        return offset <= end ? offset : nil
    }

    /// The line and column of an offset, which count from 1; the end of the input for an offset beyond it.
    func place(of offset: Int) -> (line: Int, column: Int) {
        let offset = min(max(0, offset), scalars.count)
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return (low + 1, offset - starts[low] + 1)
    }
}
