public import SearchSpace

extension ExperimentFile {
    /// A search space, and what looks wrong about it.
    public struct SpaceResult: Sendable {
        /// The space, checked.
        public var space: SearchSpace
        /// Warnings, in the order of the text.
        public var warnings: [Diagnostic]

        /// A space with its warnings.
        public init(space: SearchSpace, warnings: [Diagnostic]) {
            self.space = space
            self.warnings = warnings
        }
    }

    /// Reads a search space that is written in Python for hyperopt: `{'lr': hp.loguniform('lr', -5, 0), …}`.
    ///
    /// The text is read as data, never executed. It may be the value of an assignment (`space = {…}`), hold comments,
    /// and use `dict(…)`, `range(…)` and sums of numbers. A space that is one parameter, such as
    /// `hp.choice('model', […])`, becomes a mapping with the label as its key, with a warning.
    /// - Parameters:
    ///   - text: the space alone, without the lines around it.
    ///   - file: the name of the text in messages.
    /// - Throws: all mistakes at once, with line and column.
    public static func searchSpace(
        fromHyperoptText text: String,
        file: String
    ) throws(ExperimentFileErrors) -> SpaceResult {
        let diagnostics = DiagnosticCollector()
        let start = SourcePosition(source: file, line: 1, column: 1)
        guard text.utf8.count <= maximumBytes else {
            diagnostics.error("the text is longer than \(maximumBytes) bytes; no search space is that long", at: start)
            throw ExperimentFileErrors(diagnostics: diagnostics.diagnostics)
        }
        let text = withoutByteOrderMark(text)
        let scalar = FileScalar(text: text, style: .plain, lines: SourceLines(text))
        let space = SpaceReader(diagnostics: diagnostics).readSpace(text: scalar, position: start)
        guard let space, !diagnostics.hasErrors else {
            throw ExperimentFileErrors(diagnostics: diagnostics.diagnostics)
        }
        return SpaceResult(space: space, warnings: diagnostics.diagnostics)
    }

    /// Some editors write a byte-order mark, which parsers take for text.
    static func withoutByteOrderMark(_ text: String) -> String {
        text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
    }
}
