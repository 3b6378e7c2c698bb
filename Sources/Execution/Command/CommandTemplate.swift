public import ExperimentModel
public import OrderedCollections
public import SearchSpace

/// A command with its placeholders found, ready to be filled with the values of any number of trials.
///
/// - In a list, a placeholder is replaced by the value's text as it is. In the text after `sh -c` (also `bash -ec` and
///   the like, anywhere in the list) and in a command that is one text, each value is quoted for its place.
/// - Without any placeholder, `--name=value` arguments are appended: to a list as further elements, to a text, quoted, at
///   its end. For a list that ends with `sh -c TEXT` the name of the shell is put between, as `$0`: the shell would take
///   the first argument for it, and `"$@"` in TEXT would lack a parameter.
/// - Text for any other interpreter (`python -c`, `awk`) is not quoted for it: values there are safe from the shell only.
/// - A null, and an inactive parameter in `{name?}`, become nothing: an empty argument in a list, no word at all outside
///   quotes of a shell.
public struct CommandTemplate: Sendable {
    /// One element of argv.
    private struct Element: Sendable {
        var pieces: [TemplatePiece]
        /// The place of each placeholder when a shell reads the element; `nil` when it is passed as it is.
        var places: [ShellPlace]?
    }

    private let elements: [Element]
    private let hasPlaceholders: Bool
    /// Index of the shell text whose end takes arguments; without one they become elements.
    private let appendedElement: Int?
    /// Goes before appended elements, so that they are not taken for `$0`.
    private let shellName: String?

    /// A template of a checked command.
    ///
    /// - Throws: ``ExecutionError/invalidCommand(problems:)`` with everything that ``problems(in:space:)`` finds.
    public init(_ command: Command, space: SearchSpace) throws(ExecutionError) {
        let reading = Reading(command, space: space)
        guard reading.problems.isEmpty else { throw ExecutionError.invalidCommand(problems: reading.problems) }
        elements = reading.elements
        hasPlaceholders = reading.hasPlaceholders
        appendedElement = reading.appendedElement
        shellName = reading.shellName
    }

    /// Everything that is wrong with a command for this search space; empty when the command can be used.
    public static func problems(in command: Command, space: SearchSpace) -> [String] {
        Reading(command, space: space).problems
    }

    /// The argv of one trial.
    ///
    /// - Throws: ``ExecutionError/unsafePlace(parameter:value:reason:)`` when a value cannot be written without a guess,
    ///   ``ExecutionError/nulByte(_:)`` when an argument would hold a NUL.
    public func expand(_ assignment: Assignment) throws(ExecutionError) -> [String] {
        var arguments: [String] = []
        for element in elements { arguments.append(try expand(element, assignment)) }
        if !hasPlaceholders {
            let appended = ParameterValue.flattened(assignment).compactMap { path, value in
                value.valueText.map { "--\(path)=\($0)" }
            }
            if let appendedElement {
                arguments[appendedElement] = ([arguments[appendedElement]] + appended.map(Self.shellWord))
                    .joined(separator: " ")
            } else {
                arguments += (shellName.map { [$0] } ?? []) + appended
            }
        }
        for argument in arguments where argument.utf8.contains(0) { throw ExecutionError.nulByte(argument) }
        return arguments
    }

    private func expand(_ element: Element, _ assignment: Assignment) throws(ExecutionError) -> String {
        var bytes: [UInt8] = []
        var placeholders = 0
        for piece in element.pieces {
            switch piece {
            case .text(let text): bytes += text
            case .placeholder(let placeholder):
                let value = ParameterValue.value(at: placeholder.path, in: assignment)
                // Null and inactive: nothing at all, also where a text would be put between quotes.
                if let text = value?.valueText {
                    let place = element.places?[placeholders]
                    bytes += Array((try place?.quoted(text, parameter: placeholder.path) ?? text).utf8)
                }
                placeholders += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func shellWord(_ argument: String) -> String {
        ShellPlace.isBareSafe(argument) ? argument : ShellPlace.word(argument)
    }

    /// One pass over a command: what it consists of and what is wrong with it.
    private struct Reading {
        var elements: [Element] = []
        var problems: [String] = []
        var appendedElement: Int?
        var shellName: String?

        var hasPlaceholders: Bool {
            elements.contains { element in
                element.pieces.contains { if case .placeholder = $0 { true } else { false } }
            }
        }

        init(_ command: Command, space: SearchSpace) {
            let declared = Dictionary(
                space.declaredPaths.map { ($0.path, $0.canBeInactive) },
                uniquingKeysWith: { $0 || $1 }
            )
            switch command {
            case .arguments(let arguments): readList(arguments, declared: declared)
            case .shell(let text): readText(text, declared: declared)
            }
        }

        private mutating func readText(_ text: String, declared: [String: Bool]) {
            // A block of YAML ends with a line end, behind which arguments would be a command of their own.
            let trimmed = String(text.reversed().drop { $0.isWhitespace }.reversed())
            guard !trimmed.isEmpty else {
                problems.append(ExecutionError.emptyCommand.description)
                return
            }
            elements = ["/bin/sh", "-c"].map { Element(pieces: [.text(Array($0.utf8))]) }
            let pieces = parse(trimmed, declared: declared, isShell: true)
            let scanner = ShellScanner(pieces)
            problems += scanner.problems
            elements.append(Element(pieces: pieces, places: scanner.places))
            guard !hasPlaceholders, !declared.isEmpty else { return }
            appendedElement = 2
            if let reason = scanner.reasonNotToAppend {
                problems.append(
                    "the command has no placeholder, and arguments cannot be added at its end: \(reason); "
                        + "write placeholders such as {\(declared.keys.sorted().first ?? "name")}"
                )
            }
        }

        private mutating func readList(_ arguments: [String], declared: [String: Bool]) {
            guard let program = arguments.first, !program.isEmpty else {
                problems.append(ExecutionError.emptyCommand.description)
                return
            }
            // What a shell reads depends on plain elements only, so they are parsed as plain ones first.
            var plain = PlaceholderParser(declared: declared, isShell: true)
            let texts: [String?] = arguments.map { argument in
                plain.parse(argument)
                defer { plain = PlaceholderParser(declared: declared, isShell: true) }
                return plain.pieces.allSatisfy { if case .text = $0 { true } else { false } } ? argument : nil
            }
            let found = ShellScriptElements(texts)
            for (index, argument) in arguments.enumerated() {
                let script = found.scripts.first { $0.element == index }
                let pieces = parse(argument, declared: declared, isShell: script != nil)
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
            if let script = found.scripts.last, script.element == arguments.count - 1 { shellName = script.shell }
            for argument in arguments where argument.utf8.contains(0) {
                problems.append(ExecutionError.nulByte(argument).description)
            }
        }

        private mutating func parse(_ text: String, declared: [String: Bool], isShell: Bool) -> [TemplatePiece] {
            var parser = PlaceholderParser(declared: declared, isShell: isShell)
            parser.parse(text)
            problems += parser.problems
            return parser.pieces
        }
    }
}
