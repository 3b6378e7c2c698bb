/// Columns of text, each as wide as its widest cell.
public struct TextTable: Sendable {
    /// Columns between two cells.
    static let gap = "  "

    private(set) var rows: [[String]]
    let isRight: [Bool]

    /// A table with headings; a heading that begins with `>` makes its column align to the right.
    public init(_ headings: [String]) {
        isRight = headings.map { $0.hasPrefix(">") }
        rows = [headings.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }]
    }

    /// Adds a row; control characters in its cells are shown as `?`, so that no cell can move the cursor.
    public mutating func add(_ cells: [String]) {
        rows.append(cells.map { TextTable.printable($0) })
    }

    /// The lines, headings first.
    public var lines: [String] { lines(widths) }

    /// Columns of a terminal that the widest cell of each column takes.
    var widths: [Int] { isRight.indices.map { column in rows.map { TextWidth.columns($0[column]) }.max() ?? 0 } }

    /// The lines with columns of these widths; cells that are wider are cut, but those of the last column.
    func lines(_ widths: [Int], mark: String = "") -> [String] {
        rows.map { row in
            let cells = row.indices.map { column in
                let isLast = column == row.count - 1
                let cell = isLast ? row[column] : TextWidth.truncated(row[column], to: widths[column], mark: mark)
                let fill = String(repeating: " ", count: max(0, widths[column] - TextWidth.columns(cell)))
                return isRight[column] ? fill + cell : cell + fill
            }
            return String(cells.joined(separator: Self.gap).reversed().drop { $0 == " " }.reversed())
        }
    }

    /// The text without anything that a terminal would act on.
    public static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                actsOnTerminal(scalar) ? "?" : Character(scalar)
            }
        )
    }

    /// Control characters, line and paragraph separators, and marks that turn the direction of what follows.
    private static func actsOnTerminal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
    }
}
