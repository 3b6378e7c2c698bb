import Foundation
import SearchSpace

/// Numbers as Python writes them in decimal, so also `.5`, `3.` and `+1`, and sums of them such as `4 + 0.499`.
///
/// Nothing else is computed: a space is data. For other operators the error says what to write.
extension SpaceExpressionParser {
    /// A number, or numbers joined by `+` and `-`.
    mutating func sum() throws(SpaceExpressionError) -> ParameterValue {
        var total = try signedNumber()
        while case .symbol(let symbol) = token {
            let start = offset
            switch symbol {
            case "+", "-":
                try advance()
                let right = try signedNumber()
                guard let result = Self.result(of: symbol, total, right), result.isFiniteNumber else {
                    throw SpaceExpressionError(offset: start, message: "this number is too large")
                }
                total = result
            case "*", "/", "%", "**", "//":
                try advance()
                let right = try signedNumber()
                let worked = Self.result(of: symbol, total, right)
                let advice = worked.map { $0.isFiniteNumber ? "write \($0.json)" : nil } ?? nil
                let message = "\(shown(symbol)) is not evaluated; \(advice ?? "write the number itself")"
                throw SpaceExpressionError(offset: start, message: message)
            default: return total
            }
        }
        return total
    }

    private mutating func signedNumber() throws(SpaceExpressionError) -> ParameterValue {
        let start = offset
        var sign = ""
        if try take("-") { sign = "-" } else { _ = try take("+") }
        guard case .number(let word) = token else { throw failure("a number is missing here") }
        let value = try Self.number(word, sign: sign, offset: start)
        try advance()
        return value
    }

    private static func number(
        _ word: String,
        sign: String,
        offset: Int
    ) throws(SpaceExpressionError) -> ParameterValue {
        var text = sign + (word.hasPrefix(".") ? "0" + word : word)
        if let point = text.firstIndex(of: ".") {
            let next = text.index(after: point)
            if next == text.endIndex || !text[next].isNumber { text.insert("0", at: next) }
        }
        switch StrictScalar.number(text) {
        case .integer(let whole): return .integer(whole)
        case .double(let number): return .double(number)
        case .tooLarge:
            throw SpaceExpressionError(offset: offset, message: "the number \(shown(sign + word)) is too large")
        default:
            let hint = StrictScalar.hint(for: word).map { "; \($0)" } ?? ""
            throw SpaceExpressionError(offset: offset, message: "\(shown(word)) is no number\(hint)")
        }
    }

    /// As Python computes it; `nil` where whole numbers do not fit.
    private static func result(of symbol: String, _ left: ParameterValue, _ right: ParameterValue) -> ParameterValue? {
        if case .integer(let a) = left, case .integer(let b) = right, symbol == "+" || symbol == "-" {
            let (sum, overflow) = symbol == "+" ? a.addingReportingOverflow(b) : a.subtractingReportingOverflow(b)
            return overflow ? nil : .integer(sum)
        }
        guard let a = left.asNumber, let b = right.asNumber else { return nil }
        switch symbol {
        case "+": return .double(a + b)
        case "-": return .double(a - b)
        case "*": return .double(a * b)
        case "/": return .double(a / b)
        case "//": return .double((a / b).rounded(.down))
        case "%": return .double(a - b * (a / b).rounded(.down))
        case "**": return .double(pow(a, b))
        default: return nil
        }
    }
}

extension ParameterValue {
    /// The number as a double; `nil` for everything else.
    var asNumber: Double? {
        switch self {
        case .integer(let whole): Double(whole)
        case .double(let number): number
        default: nil
        }
    }

    fileprivate var isFiniteNumber: Bool { asNumber?.isFinite ?? false }
}
