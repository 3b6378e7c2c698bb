import ExperimentModel
import SearchSpace

/// One pass over a command: what it consists of and what is wrong with it.
struct CommandReading {
    /// One element of argv.
    struct Element: Sendable {
        var pieces: [TemplatePiece]
        /// The place of each placeholder when a shell reads the element; `nil` when it is passed as it is.
        var places: [ShellPlace]?

        /// The placeholders with their places.
        var placeholders: [(placeholder: Placeholder, place: ShellPlace?)] {
            let found = pieces.compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } }
            return found.enumerated().map { ($1, places?[$0]) }
        }
    }

    private(set) var elements: [Element] = []
    private(set) var problems: [String] = []
    /// What stays as text and looks as if it should not.
    private(set) var slips: [String] = []
    /// Whether arguments are added for the parameters.
    private(set) var appendsArguments = false
    /// Index of the shell text whose end takes arguments; without one they become elements.
    private(set) var appendedElement: Int?
    /// Goes before appended elements, so that they are not taken for `$0`.
    private(set) var shellName: String?

    private let names: TemplateNames
    private let style: ArgumentStyle

    init(_ command: Command, names: TemplateNames, style: ArgumentStyle) {
        self.names = names
        self.style = style
        switch command {
        case .arguments(let arguments): readList(arguments)
        case .shell(let text): readText(text)
        }
        checkInputs()
    }

    /// An input is text of the command: only a parameter among the placeholders says where parameters go.
    private var wantsArguments: Bool {
        style != .none
            && !elements.contains { $0.placeholders.contains { $0.placeholder.source == .parameter } }
    }

    private mutating func readText(_ text: String) {
        // A block of YAML ends with a line end, behind which arguments would be a command of their own.
        let trimmed = String(text.reversed().drop { $0.isWhitespace }.reversed())
        guard !trimmed.isEmpty else {
            problems.append(ExecutionError.emptyCommand.description)
            return
        }
        elements = ["/bin/sh", "-c"].map { Element(pieces: [.text(Array($0.utf8))]) }
        let pieces = parse(trimmed, isShell: true)
        let scanner = ShellScanner(pieces)
        problems += scanner.problems
        elements.append(Element(pieces: pieces, places: scanner.places))
        guard wantsArguments, !names.parameters.isEmpty else { return }
        appendsArguments = true
        appendedElement = 2
        if let reason = scanner.reasonNotToAppend {
            problems.append(
                "the command has no placeholder, and arguments cannot be added at its end: \(reason); write "
                    + "placeholders such as {\(names.parameters.keys.min() ?? "name")}, or arguments: none and let "
                    + "the trial read $HYPER_PARAMS"
            )
        }
    }

    private mutating func readList(_ arguments: [String]) {
        guard let program = arguments.first, !program.isEmpty else {
            problems.append(ExecutionError.emptyCommand.description)
            return
        }
        // What a shell reads depends on plain elements only, so they are parsed as plain ones first.
        let texts: [String?] = arguments.map { argument in
            var plain = PlaceholderParser(names: names, isShell: true)
            plain.parse(argument)
            return plain.pieces.allSatisfy { if case .text = $0 { true } else { false } } ? argument : nil
        }
        let found = ShellScriptElements(texts)
        for (index, argument) in arguments.enumerated() {
            let script = found.scripts.first { $0.element == index }
            let pieces = parse(argument, isShell: script != nil)
            var element = Element(pieces: pieces)
            if let script {
                let hasHereStrings = ["bash", "zsh", "ksh", "mksh"].contains(script.shell)
                let scanner = ShellScanner(pieces, hasHereStrings: hasHereStrings)
                problems += scanner.problems
                element.places = scanner.places
            } else if found.doubtful.contains(index) {
                let reason = "the program before -c is a value too and may be a shell"
                element.places = pieces.map { _ in ShellPlace(quoting: .unknown(reason: reason)) }
            }
            elements.append(element)
        }
        appendsArguments = wantsArguments
        if let script = found.scripts.last, script.element == arguments.count - 1 { shellName = script.shell }
        for argument in arguments where argument.utf8.contains(0) {
            problems.append(ExecutionError.nulByte(argument).description)
        }
    }

    /// The values of inputs are known, so what would fail in every trial is found now.
    private mutating func checkInputs() {
        for element in elements {
            for (placeholder, place) in element.placeholders where placeholder.source == .input {
                guard let text = names.input(at: placeholder.path)?.valueText else { continue }
                if text.utf8.contains(0) { problems.append(ExecutionError.nulByte(text).description) }
                do {
                    _ = try place?.quoted(text, parameter: "inputs.\(placeholder.path)")
                } catch {
                    problems.append("\(error)")
                }
            }
        }
    }

    private mutating func parse(_ text: String, isShell: Bool) -> [TemplatePiece] {
        var parser = PlaceholderParser(names: names, isShell: isShell)
        parser.parse(text)
        problems += parser.problems
        slips += parser.slips
        return parser.pieces
    }
}
