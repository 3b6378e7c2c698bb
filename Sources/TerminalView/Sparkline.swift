/// A few values as a row of bars.
enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let letters: [Character] = ["_", ".", "-", "=", "+", "*", "#"]

    /// The newest values, at most `width`, from the lowest to the highest bar; what is not finite is a blank.
    static func text(_ values: [Double], width: Int, isUnicode: Bool) -> String {
        let shown = values.suffix(max(0, width))
        let finite = shown.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else { return "" }
        let levels = isUnicode ? blocks : letters
        return String(
            shown.map { value in
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
