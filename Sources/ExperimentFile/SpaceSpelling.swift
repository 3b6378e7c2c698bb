import OrderedCollections
import SearchSpace

/// The native spelling of a space as values: as short as it can be and still be read as that space.
enum SpaceSpelling {
    /// The entries of `search_space`.
    static func entries(of space: SearchSpace) -> Assignment {
        Assignment(uniqueKeysWithValues: space.root.map { ($0, spelling(of: $1, at: .root($0))) })
    }

    private static func spelling(of node: SpaceNode, at place: SpacePlace) -> ParameterValue {
        switch node {
        case .constant(let value): return constant(value, at: place)
        case .parameter(let parameter): return spelling(of: parameter, at: place)
        case .list(let items):
            let items = ParameterValue.list(self.items(items, at: place))
            return place.kind == .item ? items : ["type": "list", "items": items]
        case .mapping(let nodes):
            let entries = Assignment(uniqueKeysWithValues: nodes.map { ($0, spelling(of: $1, at: place.entry($0))) })
            return isStructure(entries, at: place)
                ? .mapping(entries) : ["type": "mapping", "entries": .mapping(entries)]
        }
    }

    private static func items(_ nodes: [SpaceNode], at place: SpacePlace) -> [ParameterValue] {
        nodes.enumerated().map { spelling(of: $1, at: place.item($0)) }
    }

    /// Whether a mapping is read as a structure, by the rules of `SpaceReader.readMapping`.
    private static func isStructure(_ entries: Assignment, at place: SpacePlace) -> Bool {
        let isTelling = !ParameterType.tellingKeys.isDisjoint(with: entries.keys)
        switch entries["type"] {
        case nil: return place.kind == .item || !isTelling
        case .mapping, .list: return true
        case .string(let type): return place.kind == .item && !isTelling && ParameterType(rawValue: type) == nil
        default: return place.kind == .item && !isTelling
        }
    }

    private static func constant(_ value: ParameterValue, at place: SpacePlace) -> ParameterValue {
        isPlainConstant(value, at: place) ? value : ["type": "constant", "value": value]
    }

    private static func isPlainConstant(_ value: ParameterValue, at place: SpacePlace) -> Bool {
        switch value {
        case .bool, .integer, .double: return true
        case .null: return place.kind != .root
        // Anything with a parenthesis could be taken for an expression.
        case .string(let text): return place.kind != .root && !text.unicodeScalars.contains("(")
        case .list(let items): return place.kind == .item && items.allSatisfy { isPlainConstant($0, at: place) }
        case .mapping(let entries):
            let isNamed = entries.allSatisfy { key, value in
                SpaceReader.canBeKey(key) && isPlainConstant(value, at: place.entry(key))
            }
            return isNamed && isStructure(entries, at: place)
        }
    }

    private static func spelling(of parameter: Parameter, at place: SpacePlace) -> ParameterValue {
        let isNamedByKey = parameter.label == place.key
        if isNamedByKey, parameter.condition == nil, case .choice(let options, nil) = parameter.domain {
            return .list(items(options, at: place))
        }
        var settings = self.settings(of: parameter.domain, at: place)
        if !isNamedByKey { settings["label"] = .string(parameter.label) }
        if let condition = parameter.condition {
            let clauses = condition.clauses.map { ($0.label, values(of: $0)) }
            settings["when"] = .mapping(Assignment(clauses, uniquingKeysWith: { first, _ in first }))
        }
        return .mapping(settings)
    }

    private static func values(of clause: ParameterCondition.Clause) -> ParameterValue {
        guard clause.values.count == 1, let only = clause.values.first else { return .list(clause.values) }
        if case .list = only { return .list(clause.values) }
        return only
    }

    private static func settings(of domain: ParameterDomain, at place: SpacePlace) -> Assignment {
        var settings: Assignment = [:]
        switch domain {
        case .real(let distribution):
            settings["type"] = .string(distribution.typeName)
            switch distribution.base {
            case .uniform(let low, let high):
                settings["low"] = number(low)
                settings["high"] = number(high)
            case .normal(let mu, let sigma):
                settings["mu"] = number(mu)
                settings["sigma"] = number(sigma)
            }
            settings["q"] = distribution.quantum.map(number)
        case .uniformInteger(let low, let high):
            settings = ["type": "uniformint", "low": number(low), "high": number(high)]
        case .randomInteger(let low, let high):
            settings = ["type": "randint", "low": .integer(low), "high": .integer(high)]
        case .float(let min, let max, let isLog, let step):
            settings = ["type": "float", "min": number(min), "max": number(max)]
            if isLog { settings["log"] = true }
            settings["step"] = step.map(number)
        case .integer(let min, let max, let isLog, let step):
            settings = ["type": "int", "min": .integer(min), "max": .integer(max)]
            if isLog { settings["log"] = true }
            settings["step"] = step.map { .integer($0) }
        case .choice(let options, let probabilities):
            settings = ["type": "choice", "options": .list(items(options, at: place))]
            settings["probabilities"] = probabilities.map { .list($0.map(number)) }
        }
        return settings
    }

    /// A number that is read as a double: without a point where it has none.
    static func number(_ number: Double) -> ParameterValue {
        let isShort = abs(number) < ParameterDomain.longestPlainNumber
        return isShort ? Int64(exactly: number).map { .integer($0) } ?? .double(number) : .double(number)
    }
}

extension ParameterDomain {
    /// Numbers from here on keep their exponent.
    fileprivate static let longestPlainNumber = 1e15
}
