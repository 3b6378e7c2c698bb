public import ExperimentModel

/// The best value so far over the trial number, drawn with characters.
public enum BestChart {
    /// Rows of the drawing, without the axis.
    static let rows = 8
    /// Columns of the drawing, without labels, where there is room.
    static let columns = 60
    /// Fewest columns that are worth drawing.
    static let fewestColumns = 10
    /// Fewest values that make a picture.
    static let fewestPoints = 2

    /// A value of a trial.
    public struct Point: Sendable, Hashable {
        /// Number of the trial.
        public var trial: Int
        /// Its objective, finite.
        public var value: Double

        /// A value.
        public init(trial: Int, value: Double) {
            self.trial = trial
            self.value = value
        }
    }

    /// The chart, labels and axis included; empty when there are too few points or columns.
    /// - Parameter points: the values of done trials in any order.
    public static func lines(_ points: [Point], objective: Objective, width: Int, style: ViewStyle) -> [String] {
        let sorted = points.filter(\.value.isFinite).sorted { $0.trial < $1.trial }
        guard sorted.count >= fewestPoints, let first = sorted.first, let last = sorted.last else { return [] }
        let steps = bestSoFar(sorted, objective)
        let values = steps.map(\.value)
        guard let low = values.min(), let high = values.max() else { return [] }
        let labels = low == high ? [Wording.rounded(low)] : [Wording.rounded(high), Wording.rounded(low)]
        let gutter = labels.map(TextWidth.columns).max() ?? 0
        let columns = min(columns, width - gutter - 4)
        guard columns >= fewestColumns else { return [] }

        var canvas = Canvas(columns: columns, rows: rows, isUnicode: style.isUnicode)
        var before: Int?
        for x in 0..<canvas.width {
            let share = canvas.width > 1 ? Double(x) / Double(canvas.width - 1) : 0
            let trial = Double(first.trial) + share * Double(last.trial - first.trial)
            // The first trial is at the first column, so there always is one.
            guard let value = steps.last(where: { Double($0.trial) <= trial })?.value else { continue }
            let height = Share.of(value, from: low, to: high) ?? 0.5
            let y = Int(((1 - height) * Double(canvas.height - 1)).rounded())
            for row in min(before ?? y, y)...max(before ?? y, y) { canvas.set(x, row) }
            before = y
        }
        return frame(canvas.lines, labels, gutter, columns, (first.trial, last.trial), style)
    }

    /// The values at which the best changed; the last one stands for the rest.
    private static func bestSoFar(_ sorted: [Point], _ objective: Objective) -> [Point] {
        var steps: [Point] = []
        for point in sorted {
            guard let best = steps.last else {
                steps.append(point)
                continue
            }
            if objective.isBetter(point.value, than: best.value) { steps.append(point) }
        }
        return steps
    }

    private static func frame(
        _ drawing: [String],
        _ labels: [String],
        _ gutter: Int,
        _ columns: Int,
        _ trials: (first: Int, last: Int),
        _ style: ViewStyle
    ) -> [String] {
        let (tick, bar, corner, floor) = style.isUnicode ? ("┤", "│", "└", "─") : ("+", "|", "+", "-")
        var lines = drawing.enumerated().map { row, text in
            var label = ""
            if labels.count == 1 {
                if row == drawing.count / 2 { label = labels[0] }
            } else if row == 0 {
                label = labels[0]
            } else if row == drawing.count - 1 {
                label = labels[1]
            }
            let blanks = String(repeating: " ", count: gutter - TextWidth.columns(label))
            return trimmed("\(blanks)\(label) \(label.isEmpty ? bar : tick)\(text)")
        }
        let margin = String(repeating: " ", count: gutter + 1)
        lines.append(margin + corner + String(repeating: floor, count: columns))
        let (first, last) = ("trial \(trials.first)", "\(trials.last)")
        let gap = String(repeating: " ", count: max(1, columns - first.count - last.count))
        lines.append(margin + " " + first + gap + last)
        return lines
    }

    private static func trimmed(_ text: String) -> String { String(text.reversed().drop { $0 == " " }.reversed()) }
}

/// Dots in a grid: eight to a braille character, or one to a letter.
private struct Canvas {
    let width: Int
    let height: Int
    private let isUnicode: Bool
    private var cells: [[UInt32]]

    /// Bits of a braille character by row and column (Unicode Standard, Braille Patterns).
    private static let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    init(columns: Int, rows: Int, isUnicode: Bool) {
        self.isUnicode = isUnicode
        width = isUnicode ? columns * 2 : columns
        height = isUnicode ? rows * 4 : rows
        cells = Array(repeating: Array(repeating: 0, count: columns), count: rows)
    }

    mutating func set(_ x: Int, _ y: Int) {
        if isUnicode { cells[y / 4][x / 2] |= Self.bits[y % 4][x % 2] } else { cells[y][x] = 1 }
    }

    var lines: [String] {
        cells.map { row in
            String(
                String.UnicodeScalarView(
                    row.map { cell in
                        guard cell != 0 else { return " " }
                        return isUnicode ? Unicode.Scalar(0x2800 + cell) ?? "*" : "*"
                    }
                )
            )
        }
    }
}
