import Foundation
import Testing

@testable import EmbeddedMongo

@Suite("Log tail")
struct LogTailTests {
    private func tail(_ text: String, from offset: Int = 0) async throws -> String {
        var result = ""
        try await StoreSandbox.use { sandbox in
            let path = sandbox.folder + "/log"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            result = LogTail.read(path, from: offset)
        }
        return result
    }

    @Test("shows the errors of a JSON log before anything else")
    func errors() async throws {
        let text = try await tail(
            """
            {"t":{"$date":"x"},"s":"I","c":"CONTROL","id":1,"ctx":"main","msg":"hello"}
            {"t":{"$date":"x"},"s":"E","c":"STORAGE","id":2,"ctx":"main","msg":"No space","attr":{"error":28}}
            {"t":{"$date":"x"},"s":"I","c":"CONTROL","id":3,"ctx":"main","msg":"bye"}
            """
        )
        #expect(text == "  E STORAGE No space {\"error\":28}")
    }

    @Test("shows only what came after the start, the last lines, cut and without control characters")
    func limits() async throws {
        let lines = (1...40).map { "line \($0)\u{1b}[31m" + String(repeating: "x", count: 1000) }
        let text = try await tail("before\n" + lines.joined(separator: "\n"), from: 7)
        let shown = text.split(separator: "\n")
        #expect(shown.count == LogTail.maximumLines)
        #expect(shown.last?.hasPrefix("  line 40") == true)
        #expect(shown.allSatisfy { $0.count <= LogTail.maximumLineLength + 2 })
        #expect(!text.contains("\u{1b}"))
        #expect(try await tail("before\n", from: 7).isEmpty)
    }

    @Test("of a missing file is empty")
    func missing() {
        #expect(LogTail.read("/nowhere/log", from: 0).isEmpty)
    }
}
