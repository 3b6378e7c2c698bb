import CommandLineSupport
import ExperimentModel
import Testing
import TuningMath

@testable import TerminalView

@Suite("Screen of a terminal")
struct TerminalScreenTests {
    private func text(_ screen: inout TerminalScreen, _ lines: [String], _ size: TerminalSize) -> String {
        String(decoding: screen.paint(lines, size: size), as: UTF8.self)
    }

    @Test(
        "a frame is one synchronized update, unchanged lines are passed over, and nothing is written for the same frame"
    )
    func bytes() {
        var screen = TerminalScreen()
        let size = TerminalSize.standard
        let first = text(&screen, ["one", "two", "three"], size)
        #expect(
            first
                == "\u{1B}[?2026h\u{1B}[?25l\u{1B}[?7l\rone\u{1B}[K\r\ntwo\u{1B}[K\r\nthree\u{1B}[K\r\n\u{1B}[J\u{1B}[?7h\u{1B}[?2026l"
        )
        #expect(text(&screen, ["one", "two", "three"], size).isEmpty)
        let second = text(&screen, ["one", "TWO"], size)
        #expect(second == "\u{1B}[?2026h\u{1B}[?7l\r\u{1B}[3A\r\nTWO\u{1B}[K\r\n\u{1B}[J\u{1B}[?7h\u{1B}[?2026l")
        #expect(String(decoding: screen.finish(), as: UTF8.self) == "\r\u{1B}[K\u{1B}[?25h")
        #expect(screen.finish().isEmpty)
    }

    @Test("lines that others print come above the frame, whole, also without a line end")
    func above() {
        var terminal = TerminalEmulator(size: .standard)
        var screen = TerminalScreen()
        terminal.write(screen.write(Array("before\r\n".utf8), size: .standard))
        terminal.write(screen.paint(["bar", "best"], size: .standard))
        terminal.write(screen.write(Array("a warning\r\n".utf8), size: .standard))
        terminal.write(screen.write(Array("another".utf8), size: .standard))
        #expect(terminal.visible == ["before", "a warning", "another", "bar", "best"])
        terminal.write(screen.finish())
        terminal.write(Array("report\r\n".utf8))
        #expect(terminal.visible == ["before", "a warning", "another", "bar", "best", "report"])
        #expect(terminal.isCursorVisible)
    }

    /// One generator for each case, so that a failure names its seed. Every other terminal wraps lines anew when its width
    /// changes, the others cut them.
    @Test(
        "after any frames, prints and sizes, the last frame stands whole at the end",
        arguments: 0..<60 as Range<UInt64>
    )
    func anySequence(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let reflows = seed.isMultiple(of: 2)
        var size = TerminalSize(columns: 60, rows: 30)
        var terminal = TerminalEmulator(size: size, reflows: reflows)
        var screen = TerminalScreen()
        // Half of them never become smaller than their frame.
        let fewestRows = seed % 4 < 2 ? 30 : 3
        var isOutOfReach = false
        terminal.write(Array("$ hyperserver run\r\n".utf8))
        let alphabet = [
            "bar ████░░ 38/100", "trial 7 漢字 0:12", "loss=0.5 \u{1B}[32mgood\u{1B}[0m", "", "waits: no worker",
        ]
        for step in 0..<40 {
            switch Int.random(in: 0..<6, using: &generator) {
            case 0:
                size = TerminalSize(
                    columns: Int.random(in: 30...90, using: &generator),
                    rows: Int.random(in: fewestRows...40, using: &generator)
                )
                terminal.resize(to: size)
                // What was moved out of the screen at its upper end may come back.
                if screen.rows(in: size) >= size.rows { isOutOfReach = true }
            case 1: terminal.write(screen.write(Array("log \(step)\r\n".utf8), size: size))
            default: break
            }
            let count = Int.random(in: 1...max(1, min(9, size.frameHeight)), using: &generator)
            let lines = (0..<count).map { row in
                var line = StyledLine("#\(step).\(row) ")
                line.add(String(repeating: "x", count: Int.random(in: 0..<90, using: &generator)), .good)
                line.add(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
                return line
            }.map { $0.rendered(width: size.lineWidth, Pictures.coloured) }
            terminal.write(screen.paint(lines, size: size))
            let plain = lines.map { line in
                line.replacing("\u{1B}[32m", with: "").replacing("\u{1B}[0m", with: "")
            }
            #expect(Array(terminal.visible.suffix(count)) == plain, "seed \(seed), step \(step)")
            // Of the frames before nothing is left on the screen.
            let marks = terminal.visible.filter { $0.hasPrefix("#") }
            #expect(isOutOfReach || marks.count == count, "seed \(seed), step \(step): \(terminal.visible)")
            #expect(!terminal.isUpdating && terminal.unknown.isEmpty && terminal.isCursorAtLineStart)
        }
        terminal.write(screen.finish())
        #expect(terminal.isCursorVisible)
    }

    @Test("whole frames of an experiment fit every size, down to 40 columns and one row")
    func sizes() throws {
        let snapshot = try Pictures.middle(
            name: "名前\u{1B}[2J\u{202E} of an experiment that is far too long for any line"
        )
        for style in [Pictures.plain, Pictures.ascii, Pictures.coloured] {
            for columns in [40, 41, 55, 56, 80, 120, 300] {
                for rows in [1, 2, 3, 5, 8, 24, 60] {
                    let lines = LiveLayout.lines(snapshot, width: columns - 1, height: rows - 1, style: style)
                    #expect(lines.count <= rows - 1)
                    for line in lines {
                        #expect(TerminalScreen.columns(line) <= columns - 1)
                        #expect(!line.contains("[2J") || !line.contains("\u{1B}[2J"))
                        #expect(!line.contains("\u{202E}"))
                        #expect(style.isUnicode || line.unicodeScalars.allSatisfy(\.isASCII))
                    }
                }
            }
        }
    }
}
