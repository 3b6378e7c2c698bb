import CommandLineSupport
import Testing

@testable import TerminalView

@Suite("Width of text")
struct TextWidthTests {
    @Test(
        "wide characters take two columns, combining marks none",
        arguments: [
            ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("ハイパー", 8), ("한글", 4), ("🚀", 2), ("█░", 2),
            ("…", 1), ("a\u{200B}b", 2), ("❤\u{FE0F}", 2), ("", 0), ("\u{1F468}\u{200D}\u{1F469}", 4),
        ]
    )
    func columns(text: String, columns: Int) { #expect(TextWidth.columns(text) == columns) }

    @Test("a text is cut before the character that does not fit, and marked")
    func truncation() {
        #expect(TextWidth.truncated("abcdef", to: 6) == "abcdef")
        #expect(TextWidth.truncated("abcdef", to: 5) == "abcd…")
        #expect(TextWidth.truncated("漢字漢字", to: 6) == "漢字…")
        #expect(TextWidth.truncated("漢字漢字", to: 0) == "")
        for width in 0...12 { #expect(TextWidth.columns(TextWidth.truncated("a漢e\u{301}字🚀b", to: width)) <= width) }
    }

    @Test("a line with tones is cut by what is seen, and has no blanks at its end")
    func styled() {
        let plain = ViewStyle(isColoured: false, isUnicode: true)
        let coloured = ViewStyle(isColoured: true, isUnicode: true)
        var line = StyledLine("best ", .dim)
        line.add("漢字 value", .good)
        line.add("   ")
        #expect(line.rendered(width: 40, plain) == "best 漢字 value")
        #expect(line.rendered(width: 9, plain) == "best 漢…")
        #expect(line.rendered(width: 9, coloured) == "\u{1B}[2mbest \u{1B}[0m\u{1B}[32m漢…\u{1B}[0m")
        for width in 0...20 {
            #expect(TerminalScreen.columns(line.rendered(width: width, coloured)) <= width)
            #expect(TextWidth.columns(line.rendered(width: width, plain)) <= width)
        }
        let ascii = ViewStyle(isColoured: false, isUnicode: false)
        #expect(line.rendered(width: 9, ascii) == "best ?? ~")
    }

    @Test(
        "the locale decides about characters, NO_COLOR and TERM about colours",
        arguments: [
            (["TERM": "xterm", "LANG": "en_US.UTF-8"], true, true), (["TERM": "xterm"], true, false),
            (["TERM": "xterm", "LANG": "C", "LC_ALL": "C.utf8"], true, true),
            (["TERM": "xterm", "LANG": "de_DE.UTF-8", "LC_ALL": "C"], true, false),
            (["TERM": "xterm", "LANG": "C.UTF-8", "LC_CTYPE": ""], true, true),
            (["TERM": "xterm", "NO_COLOR": "1"], false, false), (["TERM": "xterm", "NO_COLOR": ""], true, false),
            (["TERM": "dumb"], false, false), ([:], false, false),
        ] as [([String: String], Bool, Bool)]
    )
    func style(environment: [String: String], isColoured: Bool, isUnicode: Bool) {
        let expected = ViewStyle(isColoured: isColoured, isUnicode: isUnicode)
        #expect(ViewStyle(environment: environment, isTerminal: true) == expected)
        #expect(!ViewStyle(environment: environment, isTerminal: false).isColoured)
    }
}
