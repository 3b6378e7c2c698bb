public import Inspection

/// A learning curve as a row of bars, from the lowest to the highest value.
public enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let letters: [Character] = ["_", ".", "-", "=", "+", "*", "#"]

    /// The whole curve in at most `width` columns; where nothing finite was reported, a blank.
    public static func text(_ curve: CurveSketch, width: Int, isUnicode: Bool) -> String {
        text(curve.columns(width).values, isUnicode: isUnicode)
    }

    /// The same with the place of the best report in a colour of its own.
    static func line(_ curve: CurveSketch, width: Int, isUnicode: Bool) -> StyledLine {
        let columns = curve.columns(width)
        let bars = Array(text(columns.values, isUnicode: isUnicode))
        guard let best = columns.best, bars.indices.contains(best) else { return StyledLine(String(bars)) }
        var line = StyledLine(String(bars[..<best]))
        line.add(String(bars[best]), .good)
        line.add(String(bars[(best + 1)...]))
        return line
    }

    static func text(_ values: [Double], isUnicode: Bool) -> String {
        let finite = values.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else { return "" }
        let levels = isUnicode ? blocks : letters
        return String(
            values.map { value in
                guard value.isFinite else { return " " }
                let place = Share.of(value, from: low, to: high) ?? 0.5
                return levels[min(levels.count - 1, Int(place * Double(levels.count)))]
            }
        )
    }
}

/// Where a value lies between two others.
enum Share {
    /// From 0 to 1; `nil` when there is no room between the ends. Halves, so that the widest range of doubles has a width.
    static func of(_ value: Double, from low: Double, to high: Double) -> Double? {
        let width = high / 2 - low / 2
        guard width > 0 else { return nil }
        return min(1, max(0, (value / 2 - low / 2) / width))
    }
}
