import Foundation
import Logging

/// Writes log lines to standard error: time, level, message, and what else is known.
struct ConsoleLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let isJSON: Bool

    init(label: String, level: Logger.Level, isJSON: Bool) {
        self.label = label
        logLevel = level
        self.isJSON = isJSON
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        write(event.level, "\(event.message)", metadata.merging(event.metadata ?? [:]) { $1 })
    }

    /// Writes one line.
    func write(_ level: Logger.Level, _ message: String, _ fields: Logger.Metadata) {
        let all = fields.sorted { $0.key < $1.key }
        let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        if isJSON {
            var fields = [
                ("time", time), ("level", "\(level)"), ("program", label), ("message", message),
            ]
            fields += all.map { ($0.key, "\($0.value)") }
            let text = fields.map { "\(Self.quoted($0.0)):\(Self.quoted($0.1))" }.joined(separator: ",")
            Console.printError("{\(text)}")
        } else {
            let extra = all.map { " \($0.key)=\($0.value)" }.joined()
            Console.printError("\(time) \(level) \(label): \(message)\(extra)")
        }
    }

    private static func quoted(_ text: String) -> String {
        // A string is always encodable.
        let bytes = (try? JSONEncoder().encode(text)) ?? Data("\"?\"".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }
}
