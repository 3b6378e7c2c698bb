public import ArgumentParser
public import Logging

/// What is logged to standard error, and how.
public struct LogOptions: ParsableArguments, Sendable {
    /// How log lines look.
    public enum Format: String, ExpressibleByArgument, Sendable, CaseIterable {
        case text, json
    }

    /// The least important level that is logged.
    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp(
            "The least important level that is logged on standard error. Also HYPER_LOG_LEVEL.",
            valueName: "level"
        )
    )
    public var level: Logger.Level?

    /// How log lines look.
    @Option(
        name: .customLong("log-format"),
        help: ArgumentHelp("How log lines look. Also HYPER_LOG_FORMAT.", valueName: "format")
    )
    public var format: Format?

    /// Without options.
    public init() {}

    /// Makes the logger of the program and of the libraries below it. Call once.
    /// - Throws: ``ProgramFailure`` when a variable has a value that makes no sense.
    public func makeLogger(
        program: String,
        environment: [String: String],
        defaultLevel: Logger.Level = .info
    ) throws -> Logger {
        let level = try level ?? variable("HYPER_LOG_LEVEL", environment, Logger.Level.allCases) ?? defaultLevel
        let format = try format ?? variable("HYPER_LOG_FORMAT", environment, Format.allCases) ?? .text
        LoggingSystem.bootstrap { label in
            ConsoleLogHandler(label: label, level: level, isJSON: format == .json)
        }
        return Logger(label: program)
    }

    private func variable<T: RawRepresentable<String>>(
        _ name: String,
        _ environment: [String: String],
        _ values: [T]
    ) throws -> T? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let value = T(rawValue: text) else {
            let known = values.map(\.rawValue).joined(separator: ", ")
            let shown = TextTable.printable(text)
            throw ProgramFailure(
                .usage,
                "The environment variable \(name) has the unknown value \"\(shown)\". Set it to one of \(known)."
            )
        }
        return value
    }
}

extension LogOptions {
    /// Writes log lines as the environment asks, without setting up a logging system; for the guard of a worker.
    public static func plainReporter(program: String, environment: [String: String]) -> (String) -> Void {
        let isJSON = environment["HYPER_LOG_FORMAT"] == Format.json.rawValue
        let handler = ConsoleLogHandler(label: program, level: .warning, isJSON: isJSON)
        return { handler.write(.warning, $0, [:]) }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
