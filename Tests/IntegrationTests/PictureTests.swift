import Foundation
import Testing

/// `scripts/picture` on a recording, without a run.
@Suite("The picture of a terminal", .timeLimit(.minutes(30)))
struct PictureTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "scripts/picture").path

    /// A piece of a recording; the escapes are JSON's.
    private static let recording = #"""
        {"columns": 40, "rows": 6, "title": "hyperserver run <x> & \"y\""}
        {"time": 1, "text": "\u001b[?25l10%\r\nbest \u001b[32m0.9\u001b[0m <b>&\r\n"}
        {"time": 2, "text": "\u001b[2A\u001b[2K55%\u001b[K\r\n\u001b[Jbest \u001b[38;5;208m0.99\u001b[0m \u001b["}
        {"time": 3, "text": "1mend\u001b[0m\r\n"}
        """#

    @Test("is drawn as the terminal showed it, well-formed, and the same every time")
    func picture() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file("recording", Self.recording)
            func draw(_ frames: Int, to name: String) async throws -> String {
                let program = try await sandbox.finish(
                    try sandbox.start(command: [
                        "python3", Self.script, "--recording", "recording", "--render-only", "--frames", "\(frames)",
                        "--output", name,
                    ])
                )
                #expect(program.ending == .exited(0), "\(program.story)")
                return try String(contentsOfFile: "\(sandbox.directory)/\(name)", encoding: .utf8)
            }
            let still = try await draw(1, to: "still.svg")
            #expect(still.contains(">hyperserver run &lt;x&gt; &amp; \"y\"</text>"))
            #expect(still.contains(">55%</text>") && !still.contains("10%"))
            #expect(still.contains("fill=\"#ff8700\">0.99</text>") && still.contains("font-weight=\"bold\">end</text>"))
            #expect(!still.contains("&lt;b&gt;"))
            let moving = try await draw(4, to: "moving.svg")
            #expect(moving.contains(">10%</text>") && moving.contains("&lt;b&gt;&amp;</text>"))
            #expect(try await draw(4, to: "again.svg") == moving)
            let parse = "import sys, xml.dom.minidom as m; [m.parse(name) for name in sys.argv[1:]]"
            let parsed = try await sandbox.finish(
                try sandbox.start(command: ["python3", "-c", parse, "still.svg", "moving.svg"])
            )
            #expect(parsed.ending == .exited(0), "\(parsed.story)")
        }
    }

    @Test("of what this terminal does not know is refused, with the sequence")
    func unknown() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file(
                "recording",
                #"{"columns": 9, "rows": 2, "title": "a"}"# + "\n" + #"{"time": 1, "text": "\u001b[3;4H"}"#
            )
            let program = try await sandbox.finish(
                try sandbox.start(command: ["python3", Self.script, "--recording", "recording", "--render-only"])
            )
            #expect(program.ending == .exited(1) && program.errors.contains("[3;4H"), "\(program.story)")
        }
    }
}
