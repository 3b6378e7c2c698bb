import ExperimentModel

/// Reads the command: a list is argv, a text is for the shell.
struct CommandReader {
    let diagnostics: DiagnosticCollector

    /// The command; `nil` when it is wrong, which has been reported.
    func read(_ node: FileNode) -> Command? {
        switch node.content {
        case .scalar(let scalar):
            let text = scalar.text
            guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
                return failed(
                    "the command is empty; write a list such as [python3, train.py] or a text for the shell",
                    node
                )
            }
            return hasNUL(text, node) ? nil : .shell(text)
        case .list(let items):
            guard let program = items.first else {
                return failed("the command is empty; write at least the program", node)
            }
            if let text = program.scalar?.text, text.isEmpty {
                return failed("the program of the command is empty", program)
            }
            let arguments = items.compactMap(argument)
            return arguments.count == items.count ? .arguments(arguments) : nil
        case .mapping:
            return failed("the command must be a list of arguments or a text for the shell, not a mapping", node)
        }
    }

    /// Numbers and truth values become exactly the text that was written.
    private func argument(_ node: FileNode) -> String? {
        guard let scalar = node.scalar else {
            diagnostics.error(
                "an argument must be a text, not \(node.kind); put quotation marks around it",
                at: node.position
            )
            return nil
        }
        if scalar.isPlain, scalar.text.isEmpty {
            diagnostics.error("an argument is missing here; write '' for an empty one", at: node.position)
            return nil
        }
        return hasNUL(scalar.text, node) ? nil : scalar.text
    }

    private func hasNUL(_ text: String, _ node: FileNode) -> Bool {
        guard text.utf8.contains(0) else { return false }
        diagnostics.error(
            "an argument contains a NUL character, which cannot be passed to a process",
            at: node.position
        )
        return true
    }

    private func failed(_ message: String, _ node: FileNode) -> Command? {
        diagnostics.error(message, at: node.position)
        return nil
    }
}
