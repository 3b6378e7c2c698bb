import SearchSpace

/// Cells and rows of comma-separated values (RFC 4180).
enum CSVText {
    /// A row with its line break.
    static func row(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\r\n" }

    private static func quoted(_ cell: String) -> String {
        let needsQuotes = cell.utf8.contains { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r")
        }
        let isEdged = cell.hasPrefix(" ") || cell.hasSuffix(" ")
        guard needsQuotes || isEdged else { return cell }
        var text = "\""
        // Scalars: a quotation mark with an accent on it is another character, and yet ends the cell.
        for scalar in cell.unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }

    /// A text from outside, with an apostrophe before it when a spreadsheet would run it as a formula.
    static func harmless(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        switch first {
        case "=", "@", "\t", "\r", "\n": return "'" + text
        case "+", "-": return Double(text) == nil ? "'" + text : text
        default: return text
        }
    }

    /// The cell of a parameter's value; null is empty.
    static func cell(_ value: ParameterValue) -> String {
        if case .string(let text) = value { harmless(text) } else { value.valueText ?? "" }
    }
}
