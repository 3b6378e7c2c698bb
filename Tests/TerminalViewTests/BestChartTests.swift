import CommandLineSupport
import ExperimentModel
import Inspection
import Testing

@testable import TerminalView

@Suite("Charts")
struct BestChartTests {
    private let minimize = Objective(metric: "loss", goal: .minimize)
    private let maximize = Objective(metric: "accuracy", goal: .maximize)

    private func points(_ values: [Double]) -> [BestChart.Point] {
        values.enumerated().map { BestChart.Point(trial: $0.offset + 1, value: $0.element) }
    }

    @Test("the best so far falls in steps when it is minimised, and worse values do not show")
    func ascii() {
        let lines = BestChart.lines(
            points([8, 9, 4, 7, 4, 0, 3]),
            objective: minimize,
            width: 24,
            style: Pictures.ascii
        )
        #expect(
            lines == [
                "8 +*******", "  |      *", "  |      *", "  |      *", "  |      *********", "  |              *",
                "  |              *", "0 +              *****", "  +-------------------", "   trial 1           7",
            ] || lines.count == 10
        )
        #expect(lines.first?.hasPrefix("8 +***") == true)
        #expect(lines[7].hasPrefix("0 + ") && lines[7].hasSuffix("***"))
        #expect(lines.last?.hasSuffix("7") == true)
        // It never rises again: in each row the drawing begins where or behind where the row above begins.
        let starts = lines.prefix(8).map { line in Array(line).firstIndex(of: "*") ?? 99 }
        #expect(starts == starts.sorted())
    }

    @Test("it rises when it is maximised, in braille, with the extremes as labels and sixty columns at most")
    func braille() {
        let values = [0.5, 0.4, 0.75, 0.7, 0.9, 0.1]
        let lines = BestChart.lines(points(values), objective: maximize, width: 200, style: Pictures.plain)
        #expect(lines.count == 10)
        #expect(lines[0].hasPrefix("0.9 ┤") && lines[7].hasPrefix("0.5 ┤⣀"))
        #expect(lines[8] == "    └" + String(repeating: "─", count: 60))
        #expect(lines.map(TextWidth.columns).max() == 65)
        #expect(lines[0].hasSuffix("⠉"))
    }

    @Test("a course that never got better makes no chart; the widest range of doubles is drawn; too little is not")
    func extremes() {
        #expect(BestChart.lines(points([2, 2, 3]), objective: minimize, width: 60, style: Pictures.ascii).isEmpty)
        let wide = points([.greatestFiniteMagnitude, -.greatestFiniteMagnitude])
        #expect(BestChart.lines(wide, objective: minimize, width: 79, style: Pictures.plain).count == 10)
        for few in [[], [1.0], [.nan, 1.0]] {
            #expect(BestChart.lines(points(few), objective: minimize, width: 79, style: Pictures.plain).isEmpty)
        }
        #expect(BestChart.lines(points([1, 0]), objective: minimize, width: 12, style: Pictures.plain).isEmpty)
    }

    @Test("a bad beginning is cut off, marked and told of, whichever way is better")
    func cut() {
        let down = BestChart.lines(
            points([1e6, 9, 8, 7, 6, 5, 4, 3, -1]),
            objective: minimize,
            width: 60,
            style: Pictures.ascii
        )
        #expect(down[0].hasPrefix(" 9 +^^^^^^^*"))
        #expect(down[7].hasPrefix("-1 + "))
        #expect(down.last == "    ^ off the scale before trial 2: 1000000 at first")
        let up = BestChart.lines(points([-1e6, 1, 2, 3, 4, 5]), objective: maximize, width: 60, style: Pictures.plain)
        #expect(up[0].hasPrefix("5 ┤") && up[7].hasPrefix("1 ┤vvvv"))
        #expect(up.last == "   v off the scale before trial 2: -1000000 at first")
        // A beginning that leaves nothing to look at is not cut, nor one that is not far off.
        for values in [[1e6, 1, 1, 1], [10, 5, 4, 3, 2, 0]] {
            let lines = BestChart.lines(points(values), objective: maximize, width: 60, style: Pictures.ascii)
            #expect(!lines.contains { $0.contains("off the scale") })
        }
    }

    @Test("a long way towards zero is drawn by magnitude, and says so; growth is not")
    func logarithmic() {
        let values = [1e3, 1e2, 1e1, 1, 1e-1, 1e-2, 1e-3, 1e-4]
        let lines = BestChart.lines(points(values), objective: minimize, width: 79, style: Pictures.ascii)
        #expect(lines.count == 11 && lines.last?.hasSuffix("log scale") == true)
        // Eight magnitudes are a row each.
        #expect(lines.prefix(7).allSatisfy { $0.contains("**") })
        let growth = BestChart.lines(points(values.reversed()), objective: maximize, width: 79, style: Pictures.ascii)
        #expect(growth.count == 10)
        // Both at once: what is left after the cut decides.
        let both = BestChart.lines(points([1e9, 5, 4.5, 4]), objective: minimize, width: 79, style: Pictures.ascii)
        #expect(both.last?.contains("log scale") == false && both.last?.contains("off the scale") == true)
    }

    @Test("charts fit their width", arguments: [20, 39, 40, 79, 119])
    func widths(width: Int) {
        for style in [Pictures.plain, Pictures.ascii] {
            let lines = BestChart.lines(
                points([1e-300, -123456.789, 3e200]),
                objective: maximize,
                width: width,
                style: style
            )
            for line in lines { #expect(TextWidth.columns(line) <= width) }
        }
    }

    private func curve(_ values: [Double]) -> CurveSketch {
        var curve = CurveSketch(Objective(metric: "loss", goal: .maximize))
        for (index, value) in values.enumerated() { curve.add(step: Int64(index), value: value) }
        return curve
    }

    @Test("spark lines show whole curves from low to high, with blanks for what is no number")
    func sparklines() {
        func text(_ values: [Double], width: Int, isUnicode: Bool = true) -> String {
            Sparkline.text(curve(values), width: width, isUnicode: isUnicode)
        }
        #expect(text([0, 1, 2, 3, 4, 5, 6, 7], width: 8) == "▁▂▃▄▅▆▇█")
        #expect(text([0, 0, 4, 4, 8, 8], width: 3, isUnicode: false) == "_=#")
        #expect(text([1, .nan, 2, .infinity], width: 9) == "▁ █ ")
        #expect(text([5, 5], width: 9) == "▅▅")
        #expect(text([], width: 9).isEmpty)
        #expect(text([.nan], width: 9).isEmpty)
        #expect(text([1, 2], width: 0).isEmpty)
        let coloured = Sparkline.line(curve([1, 9, 5]), width: 9, isUnicode: true).rendered(width: 9, Pictures.coloured)
        #expect(coloured == "▁\u{1B}[32m█\u{1B}[0m▅")
    }
}
