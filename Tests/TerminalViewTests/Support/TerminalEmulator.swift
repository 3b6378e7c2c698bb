import CommandLineSupport

@testable import TerminalView

/// As much of a terminal as frames need: text, line ends, cursor movement, erasing, wrapping, and changes of the size. Like
/// tmux, it keeps what is erased from the upper left corner on.
struct TerminalEmulator {
    /// A row of the screen; it may go on in the next one, when a line was longer than the screen is wide.
    private struct Row: Equatable {
        var cells: [Character] = []
        var goesOn = false
    }

    /// Stands in the second cell of a wide character.
    private static let secondHalf: Character = "\u{0}"

    private(set) var size: TerminalSize
    /// Whether lines are broken anew when the width changes, as most terminals do.
    let reflows: Bool
    private var rows: [Row]
    private var scrollback: [Row] = []
    private var row = 0
    private var column = 0
    private var wraps = true
    private(set) var isCursorVisible = true
    private(set) var isUpdating = false
    /// Sequences that are not known here: none should come.
    private(set) var unknown: [String] = []

    init(size: TerminalSize, reflows: Bool = true) {
        self.size = size
        self.reflows = reflows
        rows = Array(repeating: Row(), count: size.rows)
    }

    /// What a person sees, without empty rows at the end.
    var visible: [String] { Self.texts(rows) }
    /// All that can be seen by scrolling up.
    var everything: [String] { Self.texts(scrollback + rows) }
    var isCursorAtLineStart: Bool { column == 0 }

    private static func texts(_ rows: [Row]) -> [String] {
        var texts = rows.map { row in
            String(String(row.cells.filter { $0 != secondHalf }).reversed().drop { $0 == " " }.reversed())
        }
        while texts.last?.isEmpty == true { texts.removeLast() }
        return texts
    }

    mutating func write(_ bytes: [UInt8]) {
        var rest = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n": lineFeed()
            case "\u{1B}":
                var sequence = ""
                while let next = rest.popFirst() {
                    sequence.unicodeScalars.append(next)
                    if next.properties.isAlphabetic { break }
                }
                act(sequence)
            default: put(Character(scalar))
            }
        }
    }

    private mutating func act(_ sequence: String) {
        switch sequence {
        case "[?2026h": isUpdating = true
        case "[?2026l": isUpdating = false
        case "[?25l": isCursorVisible = false
        case "[?25h": isCursorVisible = true
        case "[?7l": wraps = false
        case "[?7h": wraps = true
        case "[K": rows[row].cells = Array(rows[row].cells.prefix(column))
        case "[C": column = min(size.columns - 1, column + 1)
        case "[J":
            if row == 0, column == 0 { scrollback += rows.prefix { !$0.cells.isEmpty } }
            rows[row].cells = Array(rows[row].cells.prefix(column))
            rows[row].goesOn = false
            for below in (row + 1)..<max(row + 1, rows.count) { rows[below] = Row() }
        case _ where sequence.hasSuffix("A"):
            guard let count = Int(sequence.dropFirst().dropLast()), count > 0 else { fallthrough }
            row = max(0, row - count)
        case _ where sequence.hasSuffix("m"): break
        default: unknown.append(sequence)
        }
    }

    private mutating func put(_ character: Character) {
        let width = TextWidth.columns(of: character)
        guard width > 0 else { return }
        if column + width > size.columns {
            if wraps {
                rows[row].goesOn = true
                lineFeed()
                column = 0
            } else {
                column = size.columns - width
            }
        }
        while rows[row].cells.count < column + width { rows[row].cells.append(" ") }
        rows[row].cells[column] = character
        if width == 2 { rows[row].cells[column + 1] = Self.secondHalf }
        column += width
    }

    private mutating func lineFeed() {
        if row + 1 < size.rows {
            row += 1
        } else {
            scrollback.append(rows.removeFirst())
            rows.append(Row())
        }
    }

    /// Changes the size; the cursor stays at its text.
    mutating func resize(to new: TerminalSize) {
        var all = scrollback + rows
        var cursor = scrollback.count + row
        // Rows below the cursor are empty here, and no terminal keeps them.
        all = Array(all.prefix(cursor + 1))
        if reflows, new.columns != size.columns {
            var broken: [Row] = []
            var line: [Character] = []
            for (index, row) in all.enumerated() {
                if index == cursor, line.isEmpty { cursor = -1 }
                line += row.cells
                if row.goesOn { continue }
                let start = broken.count
                repeat {
                    broken.append(Row(cells: Array(line.prefix(new.columns)), goesOn: line.count > new.columns))
                    line.removeFirst(min(new.columns, line.count))
                } while !line.isEmpty
                if cursor == -1 { cursor = start }
            }
            all = broken
            cursor = broken.count - 1
        } else if !reflows {
            for index in all.indices { all[index].cells = Array(all[index].cells.prefix(new.columns)) }
        }
        let top = max(0, all.count - new.rows)
        scrollback = Array(all.prefix(top))
        rows = Array(all.dropFirst(top))
        row = cursor - top
        while rows.count < new.rows { rows.append(Row()) }
        size = new
    }
}
