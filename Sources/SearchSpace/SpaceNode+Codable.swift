import OrderedCollections

/// The normalised mapping form of the experiment file.
///
/// A parameter is `{type, label, …}` with one spelling for each setting; a structure that could be mistaken for one is
/// `{type: mapping, entries}`, a list `{type: list, items}`, and a constant that is no bare scalar `{type: constant, value}`.
extension SpaceNode: Codable {
    /// Keys by which a mapping is told to be a parameter; a structure that has one of them is written explicitly.
    public static let reservedKeys: Set<String> = [
        "type", "label", "low", "high", "min", "max", "min_value", "max_value", "log", "step", "values", "options",
        "when",
        "value", "q", "mu", "sigma", "probabilities", "upper",
    ]

    /// Reads the normalised form.
    public init(from decoder: any Decoder) throws {
        let value = try ParameterValue(from: decoder)
        do {
            try self.init(normalised: value, path: decoder.codingPath.last?.stringValue ?? "", depth: 1)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: error.description)
            )
        }
    }

    /// Writes the normalised form.
    public func encode(to encoder: any Encoder) throws { try normalised.encode(to: encoder) }

    /// The node in the normalised mapping form.
    public var normalised: ParameterValue { normalised(isOption: false) }

    /// - Parameter isOption: whether the node stands in a list, where a text is not taken for an expression unless it
    ///   looks like a call.
    fileprivate func normalised(isOption: Bool) -> ParameterValue {
        switch self {
        case .constant(let value):
            switch value {
            case .null, .bool, .integer, .double: return value
            case .string(let text) where isOption && !text.contains("("): return value
            case .string, .list, .mapping: return ["type": "constant", "value": value]
            }
        case .list(let items): return ["type": "list", "items": .list(items.map { $0.normalised(isOption: true) })]
        case .mapping(let nodes):
            let entries = ParameterValue.mapping(nodes.mapValues(\.normalised))
            return nodes.keys.contains(where: Self.reservedKeys.contains)
                ? ["type": "mapping", "entries": entries] : entries
        case .parameter(let parameter): return .mapping(parameter.normalised)
        }
    }
}

extension Parameter {
    fileprivate var normalised: Assignment {
        var entries: Assignment = ["label": .string(label)]
        switch domain {
        case .real(let distribution):
            entries["type"] = .string(distribution.typeName)
            switch distribution.base {
            case .uniform(let low, let high):
                entries["low"] = .double(low)
                entries["high"] = .double(high)
            case .normal(let mu, let sigma):
                entries["mu"] = .double(mu)
                entries["sigma"] = .double(sigma)
            }
            if let quantum = distribution.quantum { entries["q"] = .double(quantum) }
        case .uniformInteger(let low, let high):
            entries["type"] = "uniformint"
            entries["low"] = .double(low)
            entries["high"] = .double(high)
        case .randomInteger(let low, let high):
            entries["type"] = "randint"
            entries["low"] = .integer(low)
            entries["high"] = .integer(high)
        case .float(let min, let max, let isLog, let step):
            entries["type"] = "float"
            entries["min"] = .double(min)
            entries["max"] = .double(max)
            entries["log"] = .bool(isLog)
            if let step { entries["step"] = .double(step) }
        case .integer(let min, let max, let isLog, let step):
            entries["type"] = "int"
            entries["min"] = .integer(min)
            entries["max"] = .integer(max)
            entries["log"] = .bool(isLog)
            if let step { entries["step"] = .integer(step) }
        case .choice(let options, let probabilities):
            entries["type"] = "choice"
            entries["options"] = .list(options.map { $0.normalised(isOption: true) })
            if let probabilities { entries["probabilities"] = .list(probabilities.map { .double($0) }) }
        }
        if let condition {
            var clauses: Assignment = [:]
            for clause in condition.clauses { clauses[clause.label] = .list(clause.values) }
            entries["when"] = .mapping(clauses)
        }
        return entries
    }
}

extension SearchSpace: Codable {
    /// The space in the normalised mapping form of the experiment file.
    public var normalised: ParameterValue { .mapping(root.mapValues(\.normalised)) }

    /// A space from its normalised mapping form.
    public init(normalised value: ParameterValue) throws(SearchSpaceError) {
        guard case .mapping(let entries) = value else {
            throw .malformed(path: "search_space", reason: "must be a mapping")
        }
        var root: OrderedDictionary<String, SpaceNode> = [:]
        for (key, entry) in entries { root[key] = try SpaceNode(normalised: entry, path: key, depth: 1) }
        try self.init(root: root)
    }

    /// Reads and checks the normalised form.
    public init(from decoder: any Decoder) throws {
        let value = try ParameterValue(from: decoder)
        do {
            try self.init(normalised: value)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: error.description)
            )
        }
    }

    /// Writes the normalised form.
    public func encode(to encoder: any Encoder) throws { try normalised.encode(to: encoder) }
}
