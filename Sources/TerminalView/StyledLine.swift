import CommandLineSupport

/// What a part of a line is, for its colour.
enum Tone: Sendable, Hashable {
    case plain, strong, dim, good, bad, notice

    /// Parameters of "select graphic rendition" (ECMA-48); `nil` for none.
    var code: String? {
        switch self {
        case .plain: nil
        case .strong: "1"
        case .dim: "2"
        case .good: "32"
        case .bad: "31"
        case .notice: "33"
        }
    }
}

/// A line made of parts with tones, cut to a width before colours are added.
struct StyledLine: Sendable, Hashable {
    private var parts: [Part] = []

    private struct Part: Sendable, Hashable {
        var text: String
        var tone: Tone
    }

    init() {}

    init(_ text: String, _ tone: Tone = .plain) { add(text, tone) }

    mutating func add(_ text: String, _ tone: Tone = .plain) {
        if !text.isEmpty { parts.append(Part(text: text, tone: tone)) }
    }

    mutating func add(_ line: StyledLine) { parts += line.parts }

    /// Columns that the line takes in a style.
    func width(_ style: ViewStyle) -> Int { parts.reduce(0) { $0 + TextWidth.columns(style.shown($1.text)) } }

    /// The line as it is printed: at most `width` columns, no blanks at its end.
    func rendered(width: Int, _ style: ViewStyle) -> String {
        var left = width
        var fitting: [Part] = []
        let isCut = self.width(style) > width
        for part in parts {
            let text = style.shown(part.text)
            let columns = TextWidth.columns(text)
            if isCut, columns >= left {
                // One more than fits stands for what follows, so that the mark comes.
                let cut = TextWidth.truncated(text + style.mark, to: left, mark: style.mark)
                fitting.append(Part(text: cut, tone: part.tone))
                break
            }
            left -= columns
            fitting.append(Part(text: text, tone: part.tone))
        }
        while let last = fitting.last {
            let trimmed = String(last.text.reversed().drop { $0 == " " }.reversed())
            fitting[fitting.count - 1].text = trimmed
            guard trimmed.isEmpty else { break }
            fitting.removeLast()
        }
        return fitting.map { part in
            guard style.isColoured, let code = part.tone.code else { return part.text }
            return "\u{1B}[\(code)m\(part.text)\u{1B}[0m"
        }.joined()
    }
}
