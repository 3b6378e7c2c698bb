import Foundation

/// Numbers in messages: short, for people.
enum NumberText {
    /// Digits that say enough.
    static let digits = 4
    /// Digits that tell any two doubles apart.
    static let allDigits = 17

    /// A number with at most so many significant digits, without zeros at the end.
    static func short(_ value: Double, digits: Int = digits) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value > 0 ? "inf" : "-inf" }
        guard value != 0 else { return "0" }
        // Scientific only where plain digits would be many.
        guard (1e-5..<1e7).contains(abs(value)) else { return String(format: "%.\(digits)g", value) }
        let decimals = max(0, digits - 1 - Int(log10(abs(value)).rounded(.down)))
        var text = String(format: "%.\(decimals)f", value)
        if text.contains(".") {
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
        }
        return text
    }

    /// Two numbers with as many digits as it takes to see that they differ.
    static func pair(_ left: Double, _ right: Double) -> (String, String) {
        for digits in digits..<allDigits {
            let texts = (short(left, digits: digits), short(right, digits: digits))
            if texts.0 != texts.1 || left == right { return texts }
        }
        return (short(left, digits: allDigits), short(right, digits: allDigits))
    }
}
