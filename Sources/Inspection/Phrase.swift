/// Counts and times as a person reads them, the same wherever they are shown.
public enum Phrase {
    /// `1 trial`, `2 trials`
    public static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

    /// A time that has passed, as a clock: `0:07`, `12:34`, `1:02:03`, `3d 04:05`.
    public static func elapsed(_ seconds: Double) -> String {
        let whole = wholeSeconds(seconds)
        let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60)
        if days > 0 { return "\(days)d \(padded(hours)):\(padded(minutes))" }
        if hours > 0 { return "\(hours):\(padded(minutes)):\(padded(whole % 60))" }
        return "\(minutes):\(padded(whole % 60))"
    }

    /// A length of time in its two largest units: `45s`, `2m10s`, `1h05m`, `3d04h`.
    public static func span(_ seconds: Double) -> String {
        let whole = wholeSeconds(seconds)
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m\(padded(whole % 60))s" }
        if whole < 86_400 { return "\(whole / 3600)h\(padded(whole / 60 % 60))m" }
        return "\(whole / 86_400)d\(padded(whole / 3600 % 24))h"
    }

    /// A length of time as ``span(_:)``, with a tenth where it is short: `3.2s`.
    public static func fineSpan(_ seconds: Double) -> String {
        guard seconds < 60 else { return span(seconds) }
        let tenths = wholeSeconds(seconds * 10)
        return "\(tenths / 10).\(tenths % 10)s"
    }

    /// Longest time that is told exactly.
    private static let longestSeconds = 86_400.0 * 36_500

    private static func wholeSeconds(_ seconds: Double) -> Int {
        seconds.isNaN ? 0 : Int(min(max(0, seconds), longestSeconds))
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
