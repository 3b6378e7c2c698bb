import Logging

/// What happened, one line for each thing, with its virtual time.
final class Trace: Sendable {
    let isOn: Bool
    private let lines = Confined<[String]>([])
    private let loop: SimulationLoop

    init(loop: SimulationLoop, isOn: Bool) {
        self.loop = loop
        self.isOn = isOn
    }

    var all: [String] { lines.value }

    func note(_ who: String, _ what: @autoclosure () -> String) {
        guard isOn else { return }
        let padded = who + String(repeating: " ", count: max(0, 10 - who.count))
        lines.value.append("\(Self.text(loop.now)) \(padded) \(what())")
    }

    /// Seconds with three decimals, in a column.
    static func text(_ time: Duration) -> String {
        let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
        let rest = String(milliseconds % 1000)
        let text = "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
        return String(repeating: " ", count: max(0, 9 - text.count)) + text
    }
}

/// Puts what the product logs into the trace, and its warnings and complaints to whoever wants them.
struct TraceLogHandler: LogHandler {
    var node: String
    var trace: Trace
    var complain: @Sendable (Logger.Level, String) -> Void
    var metadata: Logger.Metadata = [:]
    // Texts that nobody reads are not made.
    var logLevel: Logger.Level

    init(node: String, trace: Trace, complain: @escaping @Sendable (Logger.Level, String) -> Void) {
        self.node = node
        self.trace = trace
        self.complain = complain
        logLevel = trace.isOn ? .debug : .warning
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let subject = metadata["experiment"].map { "\($0): " } ?? ""
        trace.note(node, "says [\(event.level)] \(subject)\(event.message)")
        if event.level >= .warning { complain(event.level, "\(subject)\(event.message)") }
    }
}
