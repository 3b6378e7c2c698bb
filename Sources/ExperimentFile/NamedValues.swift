public import SearchSpace

/// Values as a person gives them on the command line: `lr=0.1`, `model.type=svm`, `layers=[64, 32]`.
public enum NamedValues {
    /// Reads `NAME=VALUE` texts, in their order.
    ///
    /// A value is read as in an experiment file: JSON's rules for numbers, `true`, `false` and `null`; text that begins
    /// with `[`, `{` or `"` is JSON; everything else is text as it stands.
    /// - Throws: all mistakes at once.
    public static func read(
        _ texts: [String]
    ) throws(ExperimentFileErrors) -> [(name: String, value: ParameterValue)] {
        let diagnostics = DiagnosticCollector()
        var values: [(name: String, value: ParameterValue)] = []
        for text in texts {
            let position = SourcePosition(source: "'\(cut(text))'")
            guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
                diagnostics.error("write a name, \"=\" and a value, such as lr=0.1", at: position)
                continue
            }
            let name = String(text[..<sign])
            guard !values.contains(where: { $0.name == name }) else {
                diagnostics.error("the parameter \(shown(name)) is there twice", at: position)
                continue
            }
            if let value = value(String(text[text.index(after: sign)...]), at: position, diagnostics) {
                values.append((name, value))
            }
        }
        if diagnostics.hasErrors { throw ExperimentFileErrors(diagnostics: diagnostics.diagnostics) }
        return values
    }

    private static func value(
        _ text: String,
        at position: SourcePosition,
        _ diagnostics: DiagnosticCollector
    ) -> ParameterValue? {
        if let first = text.first, "[{\"".contains(first) {
            do {
                return try ParameterValue(json: text)
            } catch {
                diagnostics.error("the value is no JSON: \(error.reason)", at: position)
                return nil
            }
        }
        switch StrictScalar(FileScalar(text: text, isPlain: true)) {
        case .null: return text.isEmpty ? .string("") : .null
        case .bool(let truth): return .bool(truth)
        case .integer(let whole): return .integer(whole)
        case .double(let number): return .double(number)
        case .text: return .string(text)
        case .tooLarge:
            diagnostics.error("the number \(shown(text)) is too large", at: position)
            return nil
        }
    }
}
