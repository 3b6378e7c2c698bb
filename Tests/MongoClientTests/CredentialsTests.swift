import Logging
import Testing

@testable import MongoClient

@Suite("Credentials")
struct CredentialsTests {
    @Test("are found in a URI as written and decoded, also with colons and at signs inside")
    func secrets() {
        #expect(Credentials.secrets(in: "mongodb://u:p%40ss-word@h/") == ["p%40ss-word", "p@ss-word"])
        #expect(Credentials.secrets(in: "mongodb://u:a:b@c-d@h/?x=1") == ["a:b@c-d"])
        #expect(Credentials.secrets(in: "mongodb://host:27017/").isEmpty)
        #expect(Credentials.secrets(in: "mongodb://user@host/").isEmpty)
    }

    @Test("are masked inside any URI of a text and wherever a known secret stands")
    func redaction() {
        let text = "tried mongodb://u:pw@h:1/ and 'mongodb+srv://u@h2/', said hunter22; mail a@b"
        #expect(
            Credentials.redact(text, secrets: ["hunter2", "hunter22"])
                == "tried mongodb://***@h:1/ and 'mongodb+srv://***@h2/', said ***; mail a@b"
        )
        #expect(Credentials.redact("nothing here", secrets: ["secret"]) == "nothing here")
    }

    @Test("never reach a log line")
    func logLines() {
        let captured = Collected<[String]>([])
        let lines = LogLines()
        lines.use(Logger(label: "test") { _ in CapturingHandler(lines: captured) })
        lines.hide(["the-password"])
        lines.write(.warning, domain: "client", message: "bad the-password for mongodb://me:x@h/")
        #expect(captured.value == ["warning: bad *** for mongodb://***@h/"])
    }
}

/// Keeps what is logged.
private struct CapturingHandler: LogHandler {
    let lines: Collected<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(lines: Collected<[String]>) {
        self.lines = lines
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.update { $0.append("\(event.level): \(event.message)") }
    }
}
