import OrderedCollections
import SearchSpace

/// The text of a parameter, such as `hp.loguniform('C', -4, 6)`, as a tree; it is read, never executed.
indirect enum SpaceExpression {
    case value(ParameterValue)
    case list([LocatedExpression])
    case mapping([ExpressionEntry])
    case call(SpaceCall)
}

/// A part of an expression with its place.
struct LocatedExpression {
    var expression: SpaceExpression
    /// Offset in the text, in Unicode scalars.
    var offset: Int

    /// The value, when the expression calls nothing.
    var constant: ParameterValue? {
        switch expression {
        case .value(let value): return value
        case .call: return nil
        case .list(let items):
            let values = items.compactMap(\.constant)
            return values.count == items.count ? .list(values) : nil
        case .mapping(let entries):
            var values: Assignment = [:]
            for entry in entries {
                guard let value = entry.value.constant else { return nil }
                values[entry.key] = value
            }
            return .mapping(values)
        }
    }

    /// The number, when the expression is one.
    var number: Double? {
        switch expression {
        case .value(.integer(let whole)): Double(whole)
        case .value(.double(let number)): number
        default: nil
        }
    }
}

/// One key and its value in an expression.
struct ExpressionEntry {
    var key: String
    /// Offset of the key, in Unicode scalars.
    var offset: Int
    var value: LocatedExpression
}

/// `hp.name(argument, …)` or `name(argument, …)`.
struct SpaceCall {
    struct Argument {
        /// The keyword; `nil` for a positional argument.
        var name: String?
        /// Offset of the keyword, or of the value where there is none.
        var offset: Int
        var value: LocatedExpression
    }

    /// The name without `hp.` and `hyperopt.hp.`; other prefixes stay.
    var name: String
    /// Whether it was written with `hp.`, whose first argument is a label.
    var isHyperopt: Bool
    var offset: Int
    var arguments: [Argument]
}

/// What is wrong with an expression, and where.
struct SpaceExpressionError: Error {
    var offset: Int
    var message: String
}
