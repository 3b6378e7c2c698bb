import Foundation
import SearchSpace

/// Calls of Python that only write a literal in another way, and those whose value an error can name.
extension SpaceCall {
    /// Whole numbers that one `range` may stand for.
    static let maximumRangeCount = 10_000

    /// The literal that `dict(a=1)`, `list([…])`, `tuple(…)` and `range(…)` stand for; `nil` for other calls.
    var literal: SpaceExpression? {
        get throws(SpaceExpressionError) {
            guard !isHyperopt else { return nil }
            switch name {
            case "dict":
                return .mapping(
                    try arguments.map { argument throws(SpaceExpressionError) in
                        guard let key = argument.name else {
                            throw SpaceExpressionError(
                                offset: argument.offset,
                                message: "dict takes named arguments here; write {'name': …}"
                            )
                        }
                        return ExpressionEntry(key: key, offset: argument.offset, value: argument.value)
                    }
                )
            case "list", "tuple":
                guard let only = arguments.first, arguments.count == 1, case .list = only.value.expression else {
                    throw SpaceExpressionError(offset: offset, message: "\(name) takes one list: […]")
                }
                return only.value.expression
            case "range":
                return .list(try range.map { LocatedExpression(expression: .value(.integer($0)), offset: offset) })
            default: return nil
            }
        }
    }

    private var range: [Int64] {
        get throws(SpaceExpressionError) {
            var bounds: [Int64] = []
            for argument in arguments {
                guard argument.name == nil, case .value(.integer(let bound)) = argument.value.expression else {
                    throw SpaceExpressionError(offset: argument.offset, message: "range takes whole numbers")
                }
                bounds.append(bound)
            }
            guard (1...3).contains(bounds.count), bounds.count < 3 || bounds[2] != 0 else {
                let message = "range takes an end, a start and an end, or a start, an end and a step that is not 0"
                throw SpaceExpressionError(offset: offset, message: message)
            }
            let start = bounds.count == 1 ? 0 : bounds[0]
            let end = bounds.count == 1 ? bounds[0] : bounds[1]
            let step = bounds.count == 3 ? bounds[2] : 1
            var numbers: [Int64] = []
            var next = start
            while step > 0 ? next < end : next > end, numbers.count <= Self.maximumRangeCount {
                numbers.append(next)
                let (sum, overflow) = next.addingReportingOverflow(step)
                if overflow { break }
                next = sum
            }
            guard numbers.count <= Self.maximumRangeCount else {
                let message =
                    "this range has more than \(Self.maximumRangeCount) numbers; use {type: int, min: …, max: …}"
                throw SpaceExpressionError(offset: offset, message: message)
            }
            return numbers
        }
    }

    /// What is wrong with a call that is no distribution, when it is one that people use around them.
    var advice: String? {
        guard !isHyperopt else { return nil }
        let prefixes: Set = ["", "np", "numpy", "math"]
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard prefixes.contains(parts.dropLast().joined(separator: ".")), let function = parts.last else {
            return name.contains(".") ? notEvaluated("write the number itself") : nil
        }
        switch function {
        case "log", "exp", "log10", "log2", "sqrt":
            guard let number = arguments.first?.value.number, arguments.count == 1 else {
                return notEvaluated("write the number itself")
            }
            let result = Self.value(of: function, number)
            return notEvaluated(result.isFinite ? "write \(result)" : "write the number itself")
        case "arange": return notEvaluated("write range(start, end, step) or a list", isBound: false)
        case "linspace", "logspace": return notEvaluated("write a list of the numbers", isBound: false)
        default: return parts.count > 1 ? notEvaluated("write the number itself") : nil
        }
    }

    private func notEvaluated(_ advice: String, isBound: Bool = true) -> String {
        let alternative = isBound ? ", or {type: float, min: …, max: …, log: true} for plain bounds" : ""
        return "\(shown(name))(…) is not evaluated; \(advice)\(alternative)"
    }

    private static func value(of function: String, _ number: Double) -> Double {
        switch function {
        case "log": log(number)
        case "exp": exp(number)
        case "log10": log10(number)
        case "log2": log2(number)
        default: number.squareRoot()
        }
    }
}
