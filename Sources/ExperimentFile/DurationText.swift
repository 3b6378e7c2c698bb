/// Durations as people write them.
public enum DurationText {
    /// The longest duration that is accepted, in seconds: ten years.
    public static let maximumSeconds = 10 * 365 * 86_400.0

    private static let units: [(name: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
    ]

    /// Seconds of `30m`, `1h30m`, `500ms`, `1.5h` or a plain number of seconds; `nil` when the text is none of these.
    ///
    /// Units come from large to small, each once.
    public static func seconds(_ text: String) -> Double? {
        switch StrictScalar.number(text) {
        case .integer(let whole): return Double(whole)
        case .double(let number): return number
        case .tooLarge: return .infinity
        default: break
        }
        var rest = text[...]
        var total = 0.0
        var previous = Double.infinity
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let unit = units.first(where: { $0.name == name }), unit.seconds < previous else { return nil }
            switch StrictScalar.number(String(number)) {
            case .integer(let whole): total += Double(whole) * unit.seconds
            case .double(let fraction): total += fraction * unit.seconds
            default: return nil
            }
            previous = unit.seconds
        }
        return text.isEmpty ? nil : total
    }
}
