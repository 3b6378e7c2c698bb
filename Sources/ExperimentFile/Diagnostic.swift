/// Where in the input something stands.
public struct SourcePosition: Sendable, Hashable {
    /// Name of the file as the user gave it, or the command-line option.
    public var source: String
    /// Line, from 1; `nil` where the input has no lines.
    public var line: Int?
    /// Column, from 1, in Unicode scalars; `nil` where the input has no lines.
    public var column: Int?

    /// A position.
    public init(source: String, line: Int? = nil, column: Int? = nil) {
        self.source = source
        self.line = line
        self.column = column
    }
}

/// One thing that is wrong, or looks wrong, in an experiment file or option.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: String, Sendable, Hashable {
        /// The experiment cannot be made.
        case error
        /// The experiment is made, but perhaps not the one that was meant.
        case warning
    }

    /// Where it is.
    public var position: SourcePosition
    /// How bad it is.
    public var severity: Severity
    /// What is wrong and what to do, one line.
    public var message: String

    /// A diagnostic.
    public init(position: SourcePosition, severity: Severity, message: String) {
        self.position = position
        self.severity = severity
        self.message = message
    }

    /// As a compiler prints it: `search.yaml:12:9: error: …`.
    public var description: String {
        let place = [position.line, position.column].compactMap { $0.map { ":\($0)" } }.joined()
        return "\(position.source)\(place): \(severity.rawValue): \(message)"
    }
}

/// Everything that is wrong with an experiment file, in the order of the file; nothing is stored.
public struct ExperimentFileErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// Errors and warnings, with at least one error.
    public var diagnostics: [Diagnostic]

    /// The mistakes of one input.
    public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

    /// One line for each.
    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Collects what is found while one input is read.
final class DiagnosticCollector {
    /// Diagnostics beyond which no more are kept: a hostile file must not fill the screen.
    static let maximumDiagnostics = 200
    /// Unicode scalars of a message beyond which it is cut: it quotes what the file says.
    static let maximumMessageLength = 500

    private var found: [Diagnostic] = []
    private(set) var errorCount = 0
    var hasErrors: Bool { errorCount > 0 }

    func error(_ message: String, at position: SourcePosition) {
        errorCount += 1
        add(Diagnostic(position: position, severity: .error, message: message))
    }

    func warning(_ message: String, at position: SourcePosition) {
        add(Diagnostic(position: position, severity: .warning, message: message))
    }

    private func add(_ diagnostic: Diagnostic) {
        // An error must not be crowded out by warnings.
        guard
            found.count < Self.maximumDiagnostics
                || (diagnostic.severity == .error && !found.contains { $0.severity == .error })
        else { return }
        var diagnostic = diagnostic
        diagnostic.message = Self.line(diagnostic.message)
        found.append(diagnostic)
    }

    /// A message as one line of limited length: it quotes the input, which may hold line breaks that JSON leaves alone.
    private static func line(_ message: String) -> String {
        var line = String.UnicodeScalarView()
        for (count, scalar) in message.unicodeScalars.enumerated() {
            guard count < maximumMessageLength else { return String(line) + "…" }
            if actsOnTerminal(scalar) {
                let digits = String(scalar.value, radix: 16)
                line.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars)
            } else {
                line.append(scalar)
            }
        }
        return String(line)
    }

    /// Controls, line ends, and marks that turn the direction of what follows: none beyond U+FFFF.
    private static func actsOnTerminal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
    }

    /// All of them, in the order of the input.
    var diagnostics: [Diagnostic] {
        found.enumerated().sorted { left, right in
            let a = (left.element.position.line ?? 0, left.element.position.column ?? 0, left.offset)
            let b = (right.element.position.line ?? 0, right.element.position.column ?? 0, right.offset)
            return a < b
        }.map(\.element)
    }
}
