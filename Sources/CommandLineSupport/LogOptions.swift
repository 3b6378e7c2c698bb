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
        help: "trace, debug, info, notice, warning, error or critical. Also HYPER_LOG_LEVEL."
    )
    public var level: Logger.Level?

    /// How log lines look.
    @Option(name: .customLong("log-format"), help: "text or json. Also HYPER_LOG_FORMAT.")
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
        let level = try level ?? variable("HYPER_LOG_LEVEL", environment) { Logger.Level(rawValue: $0) } ?? defaultLevel
        let format = try format ?? variable("HYPER_LOG_FORMAT", environment) { Format(rawValue: $0) } ?? .text
        LoggingSystem.bootstrap { label in
            ConsoleLogHandler(label: label, level: level, isJSON: format == .json)
        }
        return Logger(label: program)
    }

    private func variable<T>(
        _ name: String,
        _ environment: [String: String],
        _ parse: (String) -> T?
    ) throws -> T? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let value = parse(text) else {
            throw ProgramFailure(.usage, "The environment variable \(name) has the unknown value \"\(text)\".")
        }
        return value
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
