/// Text of other programs and of the database, made fit for a terminal.
enum ForeignText {
    /// Unicode scalars of a text beyond which it is cut.
    static let longest = 400

    /// One line without anything that a terminal would act on, cut in the middle of nowhere rather than printed in full.
    static func printable(_ text: some StringProtocol) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard scalars.count < longest else {
                scalars.append("…")
                break
            }
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: scalars.append(" ")
            case .format, .surrogate, .privateUse: scalars.append("?")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// The first line that is not empty, without white space at its ends.
    static func firstLine(of text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } } ?? ""
        let trimmed = line.drop { $0.isWhitespace }
        return String(trimmed.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// Names that may be many: the first few, and how many more there are.
    static func list(_ names: [String], limit: Int = 5) -> String {
        let shown = names.prefix(limit).joined(separator: ", ")
        return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
    }

    /// A path or a word as one argument of a shell.
    static func shellWord(_ text: String) -> String {
        let isBare =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "%"),
                    UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "."),
                    UInt8(ascii: "/"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        return isBare ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
