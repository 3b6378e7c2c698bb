import CommandLineSupport
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

    /// The chart, labels and axis included; empty when there are too few points or columns, or nothing ever got better.
    ///
    /// A beginning that is far worse than all the rest is cut off and marked; a long way towards zero is drawn by magnitude. A
    /// line below the axis tells of either.
    /// - Parameter points: the values of done trials in any order.
    public static func lines(_ points: [Point], objective: Objective, width: Int, style: ViewStyle) -> [String] {
        let sorted = points.filter(\.value.isFinite).sorted { $0.trial < $1.trial }
        guard sorted.count >= fewestPoints, let first = sorted.first, let last = sorted.last else { return [] }
        let course = bestSoFar(sorted, objective)
        let scale = ChartScale(course.map(\.value), objective)
        guard scale.worst != scale.best else { return [] }
        let labels = [max(scale.worst, scale.best), min(scale.worst, scale.best)].map(Wording.rounded)
        let gutter = labels.map(TextWidth.columns).max() ?? 0
        let columns = min(columns, width - gutter - 4)
        guard columns >= fewestColumns else { return [] }

        let worstIsAbove = objective.goal == .minimize
        var canvas = Canvas(columns: columns, rows: rows, isUnicode: style.isUnicode)
        var before: Int?
        var index = 0
        for x in 0..<canvas.width {
            let share = canvas.width > 1 ? Double(x) / Double(canvas.width - 1) : 0
            let trial = Double(first.trial) + share * Double(last.trial - first.trial)
            while index + 1 < course.count, Double(course[index + 1].trial) <= trial { index += 1 }
            guard let height = scale.height(course[index].value) else {
                canvas.mark(x, isAbove: worstIsAbove)
                before = worstIsAbove ? 0 : canvas.height - 1
                continue
            }
            let y = Int(((1 - height) * Double(canvas.height - 1)).rounded())
            for row in min(before ?? y, y)...max(before ?? y, y) { canvas.set(x, row) }
            before = y
        }
        var lines = frame(canvas.lines, labels, gutter, columns, (first.trial, last.trial), style)
        let notes = notes(scale, course, worstIsAbove)
        if !notes.isEmpty {
            let note = String(repeating: " ", count: gutter + 2) + notes.joined(separator: "; ")
            lines.append(TextWidth.truncated(note, to: width, mark: style.mark))
        }
        return lines
    }

    /// What a person has to know to read the picture right.
    private static func notes(_ scale: ChartScale, _ course: [Point], _ isAbove: Bool) -> [String] {
        var notes = scale.isLogarithmic ? ["log scale"] : []
        if scale.isCut, let first = course.first, let inside = course.first(where: { scale.height($0.value) != nil }) {
            let mark = Canvas.cutMark(isAbove: isAbove)
            notes.append("\(mark) off the scale before trial \(inside.trial): \(Wording.rounded(first.value)) at first")
        }
        return notes
    }

    /// The best value after each trial.
    private static func bestSoFar(_ sorted: [Point], _ objective: Objective) -> [Point] {
        var course: [Point] = []
        for point in sorted {
            let best = course.last?.value ?? point.value
            course.append(
                Point(trial: point.trial, value: objective.isBetter(point.value, than: best) ? point.value : best)
            )
        }
        return course
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
            if row == 0 {
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
    private var marks: [Int: Bool] = [:]

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

    /// Says that the drawing goes on beyond an edge.
    mutating func mark(_ x: Int, isAbove: Bool) {
        let column = isUnicode ? x / 2 : x
        marks[column] = isAbove
    }

    /// The character that stands for what is beyond an edge.
    static func cutMark(isAbove: Bool) -> Unicode.Scalar { isAbove ? "^" : "v" }

    var lines: [String] {
        cells.enumerated().map { y, row in
            String(
                String.UnicodeScalarView(
                    row.enumerated().map { x, cell in
                        if cell == 0, let isAbove = marks[x], y == (isAbove ? 0 : cells.count - 1) {
                            return Self.cutMark(isAbove: isAbove)
                        }
                        guard cell != 0 else { return " " }
                        return isUnicode ? Unicode.Scalar(0x2800 + cell) ?? "*" : "*"
                    }
                )
            )
        }
    }
}
