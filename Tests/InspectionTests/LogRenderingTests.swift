import ExperimentModel
import Inspection
import Testing

@Suite("Rendering output")
struct LogRenderingTests {
    private func chunk(
        _ trial: Int,
        _ text: String,
        _ stream: LogChunk.Stream = .stdout,
        attempt: Int = 1
    ) -> LogFollower.Part {
        let id = TrialID(experiment: ExperimentID("es0000001"), number: trial)
        return .chunk(LogChunk(trial: id, attempt: attempt, stream: stream, sequence: 0, bytes: Array(text.utf8)))
    }

    private func text(_ style: LogRendering.Style, tail: Int? = nil, _ parts: [LogFollower.Part]) -> String {
        var rendering = LogRendering(style, tail: tail)
        return String(decoding: parts.flatMap { rendering.render($0) }, as: UTF8.self)
    }

    @Test("lines of several trials are put together before they are told, each with its trial and stream")
    func prefixes() {
        let parts: [LogFollower.Part] = [
            .begins(trial: 7, attempt: 1), chunk(7, "ha"), .begins(trial: 12, attempt: 1), chunk(12, "x\ny"),
            chunk(7, "lf\n"), chunk(7, "oh\n", .stderr), .isOver(trial: 12, attempt: 1),
            .begins(trial: 7, attempt: 2), chunk(7, "again\n", attempt: 2),
        ]
        #expect(
            text(.prefixed, parts) == """
                trial 12 | x
                trial 7 | half
                trial 7 err| oh
                trial 12 | y
                ==> trial 7 attempt 2 <==
                trial 7 | again

                """
        )
    }

    @Test("one trial's bytes come as they are, and only a further attempt has a heading")
    func raw() {
        let parts: [LogFollower.Part] = [
            .begins(trial: 7, attempt: 1), chunk(7, "\u{1b}[1ma"), .isOver(trial: 7, attempt: 1),
            .begins(trial: 7, attempt: 2), chunk(7, "b\n", attempt: 2),
        ]
        #expect(text(.raw, parts) == "\u{1b}[1ma\n==> trial 7 attempt 2 <==\nb\n")
    }

    @Test("each line is a JSON object")
    func json() {
        let parts: [LogFollower.Part] = [
            .begins(trial: 7, attempt: 1), chunk(7, "a\t\"b\"\nrest", .stderr), .isOver(trial: 7, attempt: 1),
        ]
        #expect(
            text(.json, parts) == """
                {"trial":7,"attempt":1,"stream":"stderr","line":"a\\t\\"b\\""}
                {"trial":7,"attempt":1,"stream":"stderr","line":"rest"}

                """
        )
    }

    @Test(
        "of what was there at the beginning, the last lines are told, and all that comes later",
        arguments: [
            (LogRendering.Style.raw, 2, "4\n5+\n6\n"), (.raw, 0, "+\n6\n"),
            (.prefixed, 2, "trial 7 | 3\ntrial 7 | 4\ntrial 7 | 5+\ntrial 7 | 6\n"),
            (.prefixed, 0, "trial 7 | 5+\ntrial 7 | 6\n"),
        ]
    )
    func tail(style: LogRendering.Style, tail: Int, expected: String) {
        let parts: [LogFollower.Part] = [
            .begins(trial: 7, attempt: 1), chunk(7, "1\n2\n3\n"), chunk(7, "4\n5"), .caughtUp(trial: 7),
            chunk(7, "+\n6\n"),
        ]
        #expect(text(style, tail: tail, parts) == expected)
    }

    @Test("a line without an end is cut at the limit and loses nothing")
    func endless() {
        var lines = LogLines()
        let bytes = (0..<LogLines.largestLine * 2 + 5).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        var told: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: 1000) {
            told += lines.append(Array(bytes[start..<min(start + 1000, bytes.count)]))
        }
        #expect(told.map(\.count) == [LogLines.largestLine, LogLines.largestLine])
        let rest = lines.flush() ?? []
        #expect(Array(told.joined()) + rest == bytes)
        #expect(lines.flush() == nil)
        // At the limit exactly, the line end belongs to the line.
        let full = [UInt8](repeating: 120, count: LogLines.largestLine)
        #expect(lines.append(full + [10, 121, 10]) == [full, [121]])
    }

    @Test(
        "the last lines of an output",
        arguments: [
            ("a\nb\nc\n", 2, "b\nc\n"), ("a\nb\nc", 2, "b\nc"), ("a\n", 3, "a\n"), ("a\nb", 0, ""), ("", 2, ""),
            ("\n\n\n", 1, "\n"),
        ]
    )
    func last(text: String, count: Int, expected: String) {
        #expect(String(decoding: LogLines.last(count, of: Array(text.utf8)), as: UTF8.self) == expected)
    }
}
