import OrderedCollections

/// One spelling of every number: a whole double that is written like an integer is that integer.
///
/// A trial sees no difference between 2 and 2.0 (``ParameterValue/valueText``), and coders that do not keep them apart
/// (BSON's and JSON's) then give back an equal space.
extension SpaceNode {
    /// The node with canonical constants. The nesting must have been checked.
    var canonical: SpaceNode {
        switch self {
        case .constant(let value): return .constant(value.canonical)
        case .list(let items): return .list(items.map(\.canonical))
        case .mapping(let nodes): return .mapping(nodes.mapValues(\.canonical))
        case .parameter(var parameter):
            if case .choice(let options, let probabilities) = parameter.domain {
                parameter.domain = .choice(options.map(\.canonical), probabilities: probabilities)
            }
            if let condition = parameter.condition {
                parameter.condition = ParameterCondition(
                    clauses: condition.clauses.map { .init(label: $0.label, values: $0.values.map(\.canonical)) }
                )
            }
            return .parameter(parameter)
        }
    }
}

extension ParameterValue {
    /// The value with every whole double below 2⁵³ as an integer.
    var canonical: ParameterValue {
        switch self {
        case .double(let number): Self.plainInteger(number).map { .integer($0) } ?? self
        case .list(let items): .list(items.map(\.canonical))
        case .mapping(let entries): .mapping(entries.mapValues(\.canonical))
        case .null, .bool, .integer, .string: self
        }
    }

    /// The whole number that a double is written as; `nil` when it keeps a point or an exponent.
    static func plainInteger(_ number: Double) -> Int64? {
        abs(number) < plainNumberLimit ? Int64(exactly: number) : nil
    }
}
