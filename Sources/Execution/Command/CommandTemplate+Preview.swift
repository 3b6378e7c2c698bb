public import SearchSpace

extension CommandTemplate {
    /// The command of one trial as a person would type it into a shell, for showing.
    ///
    /// A list becomes quoted words; a text for the shell is shown with its values filled in. It holds no characters that act
    /// on a terminal, but line ends and tabs within a text.
    /// - Throws: as ``expand(_:)``.
    public func preview(_ assignment: Assignment) throws(ExecutionError) -> String {
        let arguments = try expand(assignment)
        if isShellText, let text = arguments.last { return Self.visible(text, keeping: ["\n", "\t"]) }
        return Self.typed(arguments)
    }

    /// Program and arguments on one line as a person would type them into a shell; no character of it acts on a terminal.
    public static func typed(_ arguments: [String]) -> String {
        arguments.enumerated()
            .map { index, argument in typed(argument, isProgram: index == 0) }
            .joined(separator: " ")
    }

    static func typed(_ argument: String, isProgram: Bool) -> String {
        // A program's name must not look like an assignment or a word of the shell's own.
        if isProgram ? ShellPlace.isPlainWord(argument) : ShellPlace.isBareSafe(argument) { return argument }
        guard argument.unicodeScalars.contains(where: isActing) else { return ShellPlace.word(argument) }
        return "$'" + visible(argument, keeping: [], escaping: ["'", "\\"]) + "'"
    }

    /// Characters that act on a terminal are written as bash and zsh read them within `$'…'`.
    private static func visible(
        _ text: String,
        keeping kept: Set<Unicode.Scalar>,
        escaping escaped: Set<Unicode.Scalar> = []
    ) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            if escaped.contains(scalar) {
                result += "\\"
                result.unicodeScalars.append(scalar)
            } else if isActing(scalar), !kept.contains(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isActing(_ scalar: Unicode.Scalar) -> Bool {
        let category = scalar.properties.generalCategory
        return category == .control || category == .format || category == .lineSeparator
            || category == .paragraphSeparator
    }
}
