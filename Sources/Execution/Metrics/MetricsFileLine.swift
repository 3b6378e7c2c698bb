import Glibc

/// One line for the metrics file of a trial, as `hyperworker report` appends it.
public struct MetricsFileLine: Sendable, Hashable {
    /// The line, a JSON object, without line end.
    public let text: String

    /// A line from arguments such as `accuracy=0.93` and `step=4`.
    /// - Throws: what is wrong with an argument.
    public init(arguments: [String]) throws(MetricsFileError) {
        var values: [(name: String, value: Double)] = []
        var step: Int64?
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
                throw .noPair(argument)
            }
            let name = String(argument[..<equals])
            let text = String(argument[argument.index(after: equals)...])
            guard let value = MetricLineParser.number(Array(text.utf8)[...]) else {
                throw .noNumber(name: name, text: text)
            }
            guard name.utf8.count <= MetricLineParser.maximumNameBytes else { throw .longName(name) }
            if name == MetricLineParser.stepName {
                guard let whole = Int64(exactly: value), step == nil else { throw .noStep(text) }
                step = whole
            } else {
                guard !values.contains(where: { $0.name == name }) else { throw .repeated(name) }
                values.append((name, value))
            }
        }
        guard !values.isEmpty else { throw .nothing }
        var entries = values.map { "\(Self.quoted($0.name)): \(Self.token($0.value))" }
        if let step { entries.append("\(Self.quoted(MetricLineParser.stepName)): \(step)") }
        text = "{\(entries.joined(separator: ", "))}"
        guard text.utf8.count < MetricLineParser.maximumLineBytes else { throw .tooLong }
    }

    /// Appends the line in one write, so that several processes may report at once.
    /// - Throws: why the file could not be written.
    public func append(to path: String) throws(MetricsFileError) {
        func failure() -> MetricsFileError { .notWritten(path: path, reason: String(cString: strerror(errno))) }
        // O_NONBLOCK: opening a pipe must not wait for a reader. O_NOFOLLOW: the worker reads no links either.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notWritten(path: path, reason: "it is no plain file") }
        let bytes = Array((text + "\n").utf8)
        while true {
            let count = write(descriptor, bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure() }
            guard count == bytes.count else {
                throw .notWritten(path: path, reason: "the disk took a part of the line")
            }
            return
        }
    }

    /// The tokens that are no JSON are those of Python's `json`, which the reader takes.
    private static func token(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return "\(value)"
    }

    private static func quoted(_ name: String) -> String {
        var text = "\""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

/// Why something could not be reported.
public enum MetricsFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// An argument without `=`, or without a name before it.
    case noPair(String)
    /// What follows `=` is no number.
    case noNumber(name: String, text: String)
    /// The step is no whole number, or there are two.
    case noStep(String)
    /// A metric that is there twice.
    case repeated(String)
    /// A name that is too long to be read.
    case longName(String)
    /// No metric.
    case nothing
    /// More than a line may hold.
    case tooLong
    /// The file could not be written.
    case notWritten(path: String, reason: String)

    /// Whether the arguments are at fault.
    public var isUsage: Bool { if case .notWritten = self { false } else { true } }

    /// What happened, why, and what to do.
    public var description: String {
        switch self {
        case .noPair(let text): "\(shown(text)) is no report; write NAME=VALUE, such as accuracy=0.93."
        case .noNumber(let name, let text):
            "The value of \(shown(name)) is no number: \(shown(text)); write one such as 0.93, 1e-5, nan or inf."
        case .noStep(let text): "The step must be one whole number, not \(shown(text))."
        case .repeated(let name):
            "\(shown(name)) is there twice; call the command once for each report of a metric."
        case .longName(let name):
            "The name \(shown(name)) is longer than \(MetricLineParser.maximumNameBytes) bytes; choose a shorter one."
        case .nothing: "There is no metric to report; write NAME=VALUE, such as accuracy=0.93."
        case .tooLong: "The report is longer than a line may be; call the command several times."
        case .notWritten(let path, let reason): "The report could not be written to \(path): \(reason)."
        }
    }
}
