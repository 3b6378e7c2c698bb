import Foundation
import Testing

@testable import Execution

@Suite("Secrets of a worker")
struct SecretsTests {
    private func file(_ text: String, mode: Int = 0o600) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "secrets-\(UUID().uuidString)").path
        #expect(
            FileManager.default.createFile(
                atPath: path,
                contents: Data(text.utf8),
                attributes: [.posixPermissions: mode]
            )
        )
        return path
    }

    @Test("lines of NAME=value are read, comments and empty lines passed over")
    func lines() throws {
        let path = try file("# comment\n\n  TOKEN=a=b # c  \nEMPTY=\n  GHCR = me:pw\r\nLAST=x")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let secrets = try Secrets(path: path)
        #expect(secrets.names == ["EMPTY", "GHCR", "LAST", "TOKEN"])
        #expect(secrets["TOKEN"] == "a=b # c" && secrets["EMPTY"] == "" && secrets["LAST"] == "x")
        #expect(secrets["GHCR"] == " me:pw" && secrets["NONE"] == nil)
    }

    @Test(
        "a file that others may read, is no file or has a strange line is refused, and nothing of it is told",
        arguments: [0o640, 0o604, 0o622]
    )
    func refused(mode: Int) throws {
        let open = try file("TOKEN=topsecret", mode: mode)
        let strange = try file("A=1\ntopsecret\n")
        let large = try file("A=" + String(repeating: "x", count: Secrets.maximumBytes))
        defer { for path in [open, strange, large] { try? FileManager.default.removeItem(atPath: path) } }
        #expect(throws: Secrets.Failure.open(path: open, mode: "0" + String(mode, radix: 8))) {
            try Secrets(path: open)
        }
        #expect(throws: Secrets.Failure.line(path: strange, number: 2)) { try Secrets(path: strange) }
        #expect(throws: Secrets.Failure.tooLarge(path: large)) { try Secrets(path: large) }
        #expect(throws: Secrets.Failure.unreadable(path: "/", reason: "it is no file")) { try Secrets(path: "/") }
        #expect(!Secrets.Failure.line(path: strange, number: 2).description.contains("topsecret"))
    }
}
