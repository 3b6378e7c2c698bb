import ExperimentFile
import ExperimentModel
import SearchSpace

/// What holds for every text that a parser is given.
enum ParserProperties: String, CaseIterable, Sendable {
    /// A whole experiment file.
    case file
    /// A search space as Python text.
    case hyperopt
    /// A parameter of a command line.
    case expression

    private static let fileName = "fuzz"

    /// What does not hold; `nil` when all is well. A crash is the caller's to notice.
    func violation(_ text: String) -> String? {
        do throws(ExperimentFileErrors) {
            switch self {
            case .file:
                let result = try ExperimentFile.read(
                    text: text,
                    fileName: Self.fileName,
                    directory: "/home/user",
                    defaultSeed: 7
                )
                return Self.wrongPlace(result.warnings, in: text) ?? Self.lost(result.definition)
            case .hyperopt:
                let result = try ExperimentFile.searchSpace(fromHyperoptText: text, file: Self.fileName)
                return Self.wrongPlace(result.warnings, in: text) ?? Self.lost(result.space)
            case .expression:
                let options = ExperimentOptions(
                    spaces: ["x=\(text)"],
                    command: ["true"],
                    metric: "loss",
                    goal: "minimize",
                    maxTrials: 1,
                    workingDirectory: "/"
                )
                let result = try ExperimentFile.definition(fromOptions: options, defaultSeed: 7)
                return Self.lost(result.definition.searchSpace)
            }
        } catch {
            if !error.diagnostics.contains(where: { $0.severity == .error }) { return "refused without an error" }
            return self == .expression ? nil : Self.wrongPlace(error.diagnostics, in: text)
        }
    }

    /// A diagnostic that points outside of the text, or is more than a line.
    private static func wrongPlace(_ diagnostics: [Diagnostic], in text: String) -> String? {
        let lengths = lineLengths(of: text)
        for diagnostic in diagnostics {
            let position = diagnostic.position
            guard let line = position.line, let column = position.column, position.source == fileName,
                lengths.indices.contains(line - 1), (1...lengths[line - 1] + 1).contains(column)
            else { return "a place outside of the text: \(diagnostic)" }
            if diagnostic.message.isEmpty || diagnostic.message.contains(where: \.isNewline) {
                return "a message that is no line: \(diagnostic)"
            }
        }
        return nil
    }

    /// Characters of each line, which ends where YAML ends it.
    private static func lineLengths(of text: String) -> [Int] {
        var lengths = [0]
        var previous: Unicode.Scalar = " "
        for (offset, scalar) in text.unicodeScalars.enumerated() where offset > 0 || scalar != "\u{feff}" {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lengths.append(0)
            default: lengths[lengths.count - 1] += 1
            }
            previous = scalar
        }
        return lengths
    }

    /// Whether the file's form of a definition is another definition.
    private static func lost(_ definition: ExperimentDefinition) -> String? {
        if let lost = lost(definition.searchSpace) { return lost }
        let yaml = ExperimentFile.yaml(of: definition)
        do throws(ExperimentFileErrors) {
            let again = try ExperimentFile.read(text: yaml, fileName: fileName, directory: "/other", defaultSeed: 8)
            return again.definition == definition ? nil : "another definition is read from:\n\(yaml)"
        } catch {
            return "\(error)\nin:\n\(yaml)"
        }
    }

    /// Whether a form of the space is another space.
    private static func lost(_ space: SearchSpace) -> String? {
        guard (try? SearchSpace(normalised: space.normalised)) == space else {
            return "the normalised form is another space: \(space.normalised.json)"
        }
        let yaml = ExperimentFile.yaml(of: space)
        let indented = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
        do throws(ExperimentFileErrors) {
            let text = Reading.frame + "search_space:\n" + indented.joined(separator: "\n")
            let again = try ExperimentFile.read(text: text, fileName: fileName, directory: "/", defaultSeed: 1)
            return again.definition.searchSpace == space ? nil : "another space is read from:\n\(yaml)"
        } catch {
            return "\(error)\nin:\n\(yaml)"
        }
    }
}
