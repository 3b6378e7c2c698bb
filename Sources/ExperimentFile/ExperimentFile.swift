public import ExperimentModel

/// Reads experiment files (YAML, and so JSON) into checked definitions.
public enum ExperimentFile {
    /// Bytes that an experiment file may have.
    public static let maximumBytes = 1 << 20

    /// A definition, and what looks wrong about it.
    public struct Result: Sendable {
        /// What was asked for, complete with defaults.
        public var definition: ExperimentDefinition
        /// Warnings, in the order of the file.
        public var warnings: [Diagnostic]

        /// A definition with its warnings.
        public init(definition: ExperimentDefinition, warnings: [Diagnostic]) {
            self.definition = definition
            self.warnings = warnings
        }
    }

    /// Reads the text of an experiment file.
    ///
    /// - Parameters:
    ///   - fileName: as the user wrote it; for messages, and the name of an experiment that has none.
    ///   - directory: absolute; trials run there, and relative paths start there.
    ///   - defaultSeed: the seed when the file has none.
    ///   - policies: policies as the option `--policy` takes them, in place of those of the file; none: the file's.
    ///   - checkCommand: further checks, such as that of placeholders.
    /// - Throws: all mistakes at once.
    public static func read(
        text: String,
        fileName: String,
        directory: String,
        defaultSeed: UInt64,
        policies: [String] = [],
        checkCommand: CommandCheck = { _, _, _, _ in [] }
    ) throws(ExperimentFileErrors) -> Result {
        let diagnostics = DiagnosticCollector()
        let start = SourcePosition(source: fileName, line: 1, column: 1)
        guard text.utf8.count <= maximumBytes else {
            diagnostics.error(
                "the file is larger than \(maximumBytes) bytes; no experiment file is that long",
                at: start
            )
            throw ExperimentFileErrors(diagnostics: diagnostics.diagnostics)
        }
        let text = withoutByteOrderMark(text)
        let root = YAMLReader.read(text, fileName: fileName, diagnostics: diagnostics)
        if root == nil, !diagnostics.hasErrors {
            diagnostics.error("the file is empty; it needs command, search_space, objective and limits", at: start)
        }
        let reader = DefinitionReader(
            diagnostics: diagnostics,
            directory: directory,
            defaultName: defaultName(fileName: fileName, directory: directory),
            defaultSeed: defaultSeed
        )
        // What the YAML reader left out would look like a second mistake.
        guard !diagnostics.hasErrors, let root,
            let definition = reader.read(replacing(policies, in: root, diagnostics), checkCommand: checkCommand)
        else {
            throw ExperimentFileErrors(diagnostics: diagnostics.diagnostics)
        }
        return Result(definition: definition, warnings: diagnostics.diagnostics)
    }

    /// Reads the bytes of an experiment file, which must be UTF-8.
    ///
    /// - Throws: all mistakes at once; see ``read(text:fileName:directory:defaultSeed:policies:checkCommand:)``.
    public static func read(
        bytes: [UInt8],
        fileName: String,
        directory: String,
        defaultSeed: UInt64,
        policies: [String] = [],
        checkCommand: CommandCheck = { _, _, _, _ in [] }
    ) throws(ExperimentFileErrors) -> Result {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let decoded = String(decoding: bytes.prefix(maximumBytes), as: UTF8.self).unicodeScalars
            // A replacement character that was really written may come first; near enough to find the place.
            let before = decoded.prefix { $0 != "\u{fffd}" }
            let line = before.count { $0 == "\n" } + 1
            let column = before.reversed().prefix { $0 != "\n" }.count + 1
            let message = "the file is not UTF-8 text; save it as UTF-8"
            let position = SourcePosition(source: fileName, line: line, column: column)
            throw ExperimentFileErrors(diagnostics: [Diagnostic(position: position, severity: .error, message: message)]
            )
        }
        return try read(
            text: text,
            fileName: fileName,
            directory: directory,
            defaultSeed: defaultSeed,
            policies: policies,
            checkCommand: checkCommand
        )
    }

    /// The file with the policies of options in place of its own.
    private static func replacing(
        _ policies: [String],
        in root: FileNode,
        _ diagnostics: DiagnosticCollector
    ) -> FileNode {
        guard case .mapping(let entries) = root.content,
            let entry = PolicyOption(diagnostics: diagnostics).entry(policies)
        else { return root }
        return FileNode(position: root.position, content: .mapping(entries.filter { $0.key != entry.key } + [entry]))
    }

    /// The file's name without directories and extension, else the directory's.
    static func defaultName(fileName: String, directory: String) -> String {
        var stem = fileName.split(separator: "/").last ?? ""
        if let point = stem.lastIndex(of: "."), point != stem.startIndex { stem = stem[..<point] }
        let candidates = [String(stem), directory.split(separator: "/").last.map(String.init) ?? ""]
        return candidates.first { $0 != "-" && DefinitionReader.reasonAgainst(name: $0) == nil } ?? "experiment"
    }
}
