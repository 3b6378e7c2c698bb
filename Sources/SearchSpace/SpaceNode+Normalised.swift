import OrderedCollections

/// The way back from the normalised form. It is stored text, so nothing is repaired: what does not fit is an error.
extension SpaceNode {
    init(normalised value: ParameterValue, path: String, depth: Int) throws(SearchSpaceError) {
        guard depth <= SearchSpace.maximumDepth else { throw .tooDeep(path: path) }
        guard case .mapping(let entries) = value else {
            if case .list = value { throw .malformed(path: path, reason: "is a bare list; it must have a type") }
            self = .constant(value)
            return
        }
        guard let type = entries["type"] else {
            self = .mapping(try Self.nodes(entries, path: path, depth: depth))
            return
        }
        let fields = NormalisedFields(entries: entries, path: path)
        switch type {
        case "constant": self = .constant(try fields.value("value"))
        case "mapping":
            guard case .mapping(let inner) = try fields.value("entries") else { throw fields.malformed("entries") }
            self = .mapping(try Self.nodes(inner, path: path, depth: depth))
        case "list": self = .list(try Self.nodes(try fields.list("items"), path: path, depth: depth))
        default:
            let domain = try fields.domain(type: type, depth: depth)
            guard case .string(let label) = try fields.value("label") else { throw fields.malformed("label") }
            self = .parameter(Parameter(label: label, domain: domain, condition: try fields.condition()))
        }
    }

    fileprivate static func nodes(
        _ values: OrderedDictionary<String, ParameterValue>,
        path: String,
        depth: Int
    ) throws(SearchSpaceError) -> OrderedDictionary<String, SpaceNode> {
        var nodes: OrderedDictionary<String, SpaceNode> = [:]
        for (key, value) in values {
            nodes[key] = try SpaceNode(normalised: value, path: "\(path).\(key)", depth: depth + 1)
        }
        return nodes
    }

    fileprivate static func nodes(
        _ values: [ParameterValue],
        path: String,
        depth: Int
    ) throws(SearchSpaceError) -> [SpaceNode] {
        var nodes: [SpaceNode] = []
        for value in values { nodes.append(try SpaceNode(normalised: value, path: path, depth: depth + 1)) }
        return nodes
    }
}

/// Typed access to the settings of one stored node.
private struct NormalisedFields {
    var entries: OrderedDictionary<String, ParameterValue>
    var path: String

    func malformed(_ key: String) -> SearchSpaceError {
        .malformed(path: path, reason: entries[key] == nil ? "lacks \"\(key)\"" : "has a wrong \"\(key)\"")
    }

    func value(_ key: String) throws(SearchSpaceError) -> ParameterValue {
        guard let value = entries[key] else { throw malformed(key) }
        return value
    }

    func list(_ key: String) throws(SearchSpaceError) -> [ParameterValue] {
        guard case .list(let items) = try value(key) else { throw malformed(key) }
        return items
    }

    func number(_ key: String) throws(SearchSpaceError) -> Double {
        guard let number = try value(key).asLabelValue else { throw malformed(key) }
        return number.number
    }

    func wholeNumber(_ key: String) throws(SearchSpaceError) -> Int64 {
        guard let number = try value(key).asLabelValue?.wholeNumber else { throw malformed(key) }
        return number
    }

    func truth(_ key: String) throws(SearchSpaceError) -> Bool {
        guard case .bool(let value) = try value(key) else { throw malformed(key) }
        return value
    }

    func domain(type: ParameterValue, depth: Int) throws(SearchSpaceError) -> ParameterDomain {
        let hasStep = entries["step"] != nil
        switch type {
        case "uniformint": return .uniformInteger(low: try number("low"), high: try number("high"))
        case "randint": return .randomInteger(low: try wholeNumber("low"), high: try wholeNumber("high"))
        case "float":
            let step = hasStep ? try number("step") : nil
            return .float(min: try number("min"), max: try number("max"), isLog: try truth("log"), step: step)
        case "int":
            let step = hasStep ? try wholeNumber("step") : nil
            return .integer(
                min: try wholeNumber("min"),
                max: try wholeNumber("max"),
                isLog: try truth("log"),
                step: step
            )
        case "choice":
            let options = try SpaceNode.nodes(try list("options"), path: path, depth: depth)
            return .choice(options, probabilities: entries["probabilities"] == nil ? nil : try numbers("probabilities"))
        default:
            guard case .string(let name) = type else { throw malformed("type") }
            return .real(try distribution(named: name))
        }
    }

    private func numbers(_ key: String) throws(SearchSpaceError) -> [Double] {
        var numbers: [Double] = []
        for item in try list(key) {
            guard let number = item.asLabelValue?.number else { throw malformed(key) }
            numbers.append(number)
        }
        return numbers
    }

    /// - Parameter name: hyperopt's, ``RealDistribution/typeName``.
    private func distribution(named name: String) throws(SearchSpaceError) -> RealDistribution {
        let isQuantised = name.hasPrefix("q")
        let isLog = name.dropFirst(isQuantised ? 1 : 0).hasPrefix("log")
        let base: RealDistribution.Base
        switch name.dropFirst((isQuantised ? 1 : 0) + (isLog ? 3 : 0)) {
        case "uniform": base = .uniform(low: try number("low"), high: try number("high"))
        case "normal": base = .normal(mu: try number("mu"), sigma: try number("sigma"))
        default: throw malformed("type")
        }
        return RealDistribution(base, isLog: isLog, quantum: isQuantised ? try number("q") : nil)
    }

    func condition() throws(SearchSpaceError) -> ParameterCondition? {
        guard let value = entries["when"] else { return nil }
        guard case .mapping(let clauses) = value else { throw malformed("when") }
        var condition = ParameterCondition(clauses: [])
        for (label, values) in clauses {
            guard case .list(let values) = values else { throw malformed("when") }
            condition.clauses.append(.init(label: label, values: values))
        }
        return condition
    }
}
