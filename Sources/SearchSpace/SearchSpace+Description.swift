import OrderedCollections

/// What people are told of a parameter.
extension SearchSpace {
    /// When a parameter is active, in words, such as `kernel is "poly"`; `nil` when it always is.
    public func activation(of label: String) -> String? {
        guard let parameter = parameters[label] else { return nil }
        var parts: [String] = []
        if let enclosing = enclosing[label] {
            parts.append("\(enclosing.choice) is \(name(ofOption: enclosing.option, of: enclosing.choice))")
        }
        for clause in parameter.condition?.clauses ?? [] {
            parts.append("\(clause.label) is \(clause.values.map(\.json).joined(separator: " or "))")
        }
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }

    /// The number of an option, from 1, with the first constant in it that tells it from the others.
    private func name(ofOption index: Int, of choice: String) -> String {
        let number = "option \(index + 1)"
        guard case .choice(let options, _) = parameters[choice]?.domain, options.indices.contains(index),
            case .mapping(let entries) = options[index]
        else { return number }
        for (key, node) in entries {
            if case .constant(let value) = node { return "\(number) (\(key) \(value.json))" }
        }
        return number
    }
}

extension ParameterDomain {
    /// The word for the distribution in an experiment file.
    public var typeName: String {
        switch self {
        case .real(let distribution): distribution.typeName
        case .uniformInteger: "uniformint"
        case .randomInteger: "randint"
        case .float(_, _, let isLog, _): isLog ? "float (log)" : "float"
        case .integer(_, _, let isLog, _): isLog ? "int (log)" : "int"
        case .choice(_, nil): "choice"
        case .choice: "pchoice"
        }
    }
}
