/// Columns of text, each as wide as its widest cell.
public struct TextTable: Sendable {
    private var rows: [[String]]
    private let isRight: [Bool]

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
    public var lines: [String] {
        let widths = isRight.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { column in
                let fill = String(repeating: " ", count: widths[column] - row[column].count)
                return isRight[column] ? fill + row[column] : row[column] + fill
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
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
