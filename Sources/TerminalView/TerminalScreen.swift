public import CommandLineSupport

/// A frame at the lower end of a terminal: which bytes turn what is there into the next frame.
///
/// The cursor always rests at the beginning of the row below the frame. Each answer is meant for one write. Rows that a
/// terminal has moved into its scrollback, because it became smaller than the frame, are out of reach and stay there.
public struct TerminalScreen: Sendable, Hashable {
    private static let beginUpdate = "\u{1B}[?2026h"
    private static let endUpdate = "\u{1B}[?2026l"
    private static let hideCursor = "\u{1B}[?25l"
    private static let showCursor = "\u{1B}[?25h"
    /// A line that a terminal takes for wider than we do is cut by it, not wrapped.
    private static let wrapOff = "\u{1B}[?7l"
    private static let wrapOn = "\u{1B}[?7h"
    private static let eraseLineEnd = "\u{1B}[K"
    private static let eraseBelow = "\u{1B}[J"
    /// All from the beginning of this row on. Not by one sequence: from the upper left corner tmux would take that for a whole
    /// screen that is worth keeping in its history.
    private static let eraseFromHere = "\u{1B}[K\u{1B}[C\u{1B}[J\r"

    private var painted: [String] = []
    private var size = TerminalSize.standard
    private var isCursorHidden = false

    /// A screen without a frame.
    public init() {}

    /// Whether there is a frame on the screen.
    public var isShowing: Bool { !painted.isEmpty }

    /// Replaces the frame. - Parameter lines: each at most ``TerminalSize/lineWidth`` columns, at most ``TerminalSize/frameHeight``.
    /// - Returns: what to write; empty when nothing changes.
    public mutating func paint(_ lines: [String], size: TerminalSize) -> [UInt8] {
        guard lines != painted || size != self.size else { return [] }
        var text = Self.beginUpdate
        if !isCursorHidden { text += Self.hideCursor }
        isCursorHidden = true
        text += Self.wrapOff
        if size == self.size {
            text += up(painted.count)
            for (index, line) in lines.enumerated() {
                let isSame = index < painted.count && painted[index] == line
                text += isSame ? "\r\n" : line + Self.eraseLineEnd + "\r\n"
            }
            text += Self.eraseBelow
        } else {
            text += erased(size) + Self.text(lines)
        }
        text += Self.wrapOn + Self.endUpdate
        painted = lines
        self.size = size
        return Array(text.utf8)
    }

    /// Writes something above the frame. - Parameter bytes: whole lines; a missing last line end is added.
    public mutating func write(_ bytes: [UInt8], size: TerminalSize) -> [UInt8] {
        guard isShowing, !bytes.isEmpty else { return bytes }
        let before = Self.beginUpdate + erased(size)
        let end = bytes.last == UInt8(ascii: "\n") ? "" : "\r\n"
        self.size = size
        let lines = Array(painted.prefix(size.frameHeight))
        painted = lines
        let after = end + Self.wrapOff + Self.text(lines) + Self.wrapOn + Self.endUpdate
        return Array(before.utf8) + bytes + Array(after.utf8)
    }

    /// Leaves the frame where it is and gives the cursor back.
    public mutating func finish() -> [UInt8] {
        painted = []
        defer { isCursorHidden = false }
        // The terminal may have echoed `^C` where the cursor is.
        return isCursorHidden ? Array(("\r" + Self.eraseLineEnd + Self.showCursor).utf8) : []
    }

    /// Forgets the frame, since others have written meanwhile: the next one begins where the cursor is.
    public mutating func forget() {
        painted = []
        isCursorHidden = false
    }

    /// Takes the frame away; the cursor is where it began.
    ///
    /// After a change of the width, terminals that wrap anew (most do) show a line in as many rows as it needs now.
    private func erased(_ size: TerminalSize) -> String { up(rows(in: size)) + Self.eraseFromHere }

    /// Rows that the frame takes after a change of the size.
    func rows(in size: TerminalSize) -> Int {
        painted.reduce(0) { total, line in
            // What did not fit when it was painted was cut.
            let width = min(Self.columns(line), self.size.columns)
            return total + max(1, (width + size.columns - 1) / max(1, size.columns))
        }
    }

    private static func text(_ lines: [String]) -> String { lines.map { $0 + "\r\n" }.joined() }

    private func up(_ rows: Int) -> String { "\r" + (rows > 0 ? "\u{1B}[\(rows)A" : "") }

    /// Columns of a line with colours in it.
    static func columns(_ line: String) -> Int {
        var plain = String.UnicodeScalarView()
        var isInSequence = false
        for scalar in line.unicodeScalars {
            if scalar == "\u{1B}" {
                isInSequence = true
            } else if isInSequence {
                // ESC [ parameters letter
                if scalar.properties.isAlphabetic { isInSequence = false }
            } else {
                plain.append(scalar)
            }
        }
        return TextWidth.columns(String(plain))
    }
}
