import SearchSpace

/// A part of a command's text.
enum TemplatePiece: Equatable {
    /// Stays as it is.
    case text([UInt8])
    /// Is replaced by a value.
    case placeholder(Placeholder)
}

/// The name that a placeholder asks for.
struct Placeholder: Equatable {
    /// Where its value comes from.
    enum Source: Equatable {
        /// The assignment of the trial.
        case parameter
        /// The definition: the same for every trial.
        case input
    }

    /// Where its value comes from.
    var source: Source
    /// A declared path of the search space, such as `model.type`, or of the inputs.
    var path: String
}

/// Finds the placeholders in one text of a command.
///
/// Forms: `{name}`, `{name?}`, `${{search_space.name}}`, `${{inputs.name}}`, `${trialParameters.name}`; `{{name}}` is the
/// text `{name}`. Everything else stays as it is, so that shell, JSON and awk keep their braces.
struct PlaceholderParser {
    /// Longest name that is looked for between braces, in bytes.
    static let maximumNameBytes = 512

    let names: TemplateNames
    /// In a shell text `${name}` is the shell's own variable; elsewhere it can only be a slip.
    let isShell: Bool

    private(set) var pieces: [TemplatePiece] = []
    private(set) var problems: [String] = []
    /// What stays as text and looks as if it should not.
    private(set) var slips: [String] = []
    private var literal: [UInt8] = []

    init(names: TemplateNames, isShell: Bool) {
        self.names = names
        self.isShell = isShell
    }

    mutating func parse(_ text: String) {
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            index = step(bytes, at: index)
        }
        flush()
    }

    /// Takes what stands at `index` and returns where the rest begins.
    private mutating func step(_ bytes: [UInt8], at index: Int) -> Int {
        let rest = bytes[index...]
        if rest.starts(with: "${{".utf8) { return longForm(bytes, at: index) }
        if rest.starts(with: "${trialParameters.".utf8), let end = close(bytes, from: index + 2) {
            let name = String(decoding: bytes[(index + 18)..<end], as: UTF8.self)
            add(name: name, written: "${trialParameters.\(name)}")
            return end + 1
        }
        if rest.starts(with: "${".utf8) {
            if !isShell, let end = close(bytes, from: index + 2) {
                let name = String(decoding: bytes[(index + 2)..<end], as: UTF8.self)
                if names.parameters[name] != nil {
                    problems.append(
                        "\"${\(name)}\" is a variable of the shell, and no shell runs here; write {\(name)}"
                    )
                }
            }
            literal += Array("${".utf8)
            return index + 2
        }
        if rest.starts(with: "{{".utf8), let end = close(bytes, from: index + 2), bytes[end...].starts(with: "}}".utf8)
        {
            let inner = bytes[(index + 2)..<end]
            let name = String(decoding: inner.last == UInt8(ascii: "?") ? inner.dropLast() : inner, as: UTF8.self)
            if names.parameters[name] != nil || Self.looksLikeName(name) {
                literal += bytes[(index + 1)...end]
                return end + 2
            }
        }
        if bytes[index] == UInt8(ascii: "{"), let end = close(bytes, from: index + 1) {
            let inner = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
            if names.parameters[inner] != nil || (inner.hasSuffix("?") && Self.looksLikeName(String(inner.dropLast())))
                || (inner.hasSuffix("?") && names.parameters[String(inner.dropLast())] != nil)
            {
                add(name: inner, written: "{\(inner)}")
                return end + 1
            }
            if Self.looksLikeName(inner) { checkText(inner, isWholeValue: isWholeValue(bytes, from: index, to: end)) }
        }
        literal.append(bytes[index])
        return index + 1
    }

    /// Whether the braces are a whole argument, or all behind its `=`.
    private func isWholeValue(_ bytes: [UInt8], from start: Int, to end: Int) -> Bool {
        !isShell && end == bytes.count - 1 && (start == 0 || bytes[start - 1] == UInt8(ascii: "="))
    }

    /// Notes a `{name}` that stays as text although a placeholder was probably meant.
    private mutating func checkText(_ name: String, isWholeValue: Bool) {
        let nearest = nearestName(to: name, among: names.parameters.keys.sorted())
        guard nearest != nil || isWholeValue else { return }
        let advice = nearest.map { "did you mean {\($0)}?" } ?? "write {{\(name)}} if that is meant"
        slips.append("{\(name)} names no parameter of the search space and stays as text; \(advice)")
    }

    /// `${{search_space.name}}` and its relatives, which are always meant as placeholders.
    private mutating func longForm(_ bytes: [UInt8], at index: Int) -> Int {
        guard let end = close(bytes, from: index + 3), bytes[end...].starts(with: "}}".utf8) else {
            problems.append("\"${{\" has no closing \"}}\"; write ${{search_space.NAME}}")
            literal += bytes[index..<(index + 3)]
            return index + 3
        }
        let inner = String(decoding: bytes[(index + 3)..<end], as: UTF8.self).trimmingSpaces()
        let written = "${{\(inner)}}"
        if inner.hasPrefix("search_space.") {
            add(name: String(inner.dropFirst("search_space.".count)), written: written)
        } else if inner.hasPrefix("inputs.") {
            addInput(path: String(inner.dropFirst("inputs.".count)), written: written)
        } else {
            problems.append("\(written) is not known here; write ${{search_space.NAME}} or ${{inputs.NAME}}")
        }
        return end + 2
    }

    private mutating func add(name: String, written: String) {
        var path = name
        let isOptional = names.parameters[name] == nil && name.hasSuffix("?")
        if isOptional { path.removeLast() }
        guard let canBeInactive = names.parameters[path] else {
            return problems.append(names.unknownParameter(path, written: written))
        }
        if canBeInactive, !isOptional {
            problems.append(
                "\(written) has no value in some trials, since \(path) can be inactive; write {\(path)?} to get "
                    + "nothing there, or leave out all placeholders to get --name=value arguments of what is active"
            )
        }
        flush()
        pieces.append(.placeholder(Placeholder(source: .parameter, path: path)))
    }

    private mutating func addInput(path: String, written: String) {
        guard names.input(at: path) != nil else {
            return problems.append(names.unknownInput(path, written: written))
        }
        flush()
        pieces.append(.placeholder(Placeholder(source: .input, path: path)))
    }

    private mutating func flush() {
        guard !literal.isEmpty else { return }
        pieces.append(.text(literal))
        literal = []
    }

    /// Where the next `}` stands, when no other brace and no line end comes before it.
    private func close(_ bytes: [UInt8], from start: Int) -> Int? {
        for index in start..<min(bytes.count, start + Self.maximumNameBytes) {
            switch bytes[index] {
            case UInt8(ascii: "}"): return index
            case UInt8(ascii: "{"), UInt8(ascii: "\n"): return nil
            default: continue
            }
        }
        return nil
    }

    /// A letter or underscore, then letters, digits, `_`, `-` and dots.
    static func looksLikeName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isNameStart(first) else { return false }
        return text.utf8.allSatisfy { isNameStart($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
}

extension String {
    func trimmingSpaces() -> String {
        String(
            drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
        )
    }
}
