import OrderedCollections

/// One walk over a space that collects its parameters and everything that is wrong with it.
struct SpaceCheck {
    private(set) var parameters: OrderedDictionary<String, Parameter> = [:]
    private(set) var enclosing: [String: EnclosingOption] = [:]
    private(set) var activationOrder: [String] = []
    private(set) var problems: [SearchSpaceError] = []
    private var count = 0

    init(root: OrderedDictionary<String, SpaceNode>) {
        for (key, node) in root { visitEntry(key, node, path: key, inside: nil, depth: 1) }
        if count == 0 { problems.append(.noParameter) }
        if count > SearchSpace.maximumParameters { problems.append(.tooManyParameters(count: count)) }
        for parameter in parameters.values { checkCondition(of: parameter) }
        // A parameter with a broken condition would only be reported a second time as part of a cycle.
        if problems.isEmpty { sortByActivation() }
        if problems.isEmpty { problems += PathTable(root: root).ambiguousPaths.map(SearchSpaceError.ambiguousPath) }
    }

    private mutating func visitEntry(
        _ key: String,
        _ node: SpaceNode,
        path: String,
        inside option: EnclosingOption?,
        depth: Int
    ) {
        if key.isEmpty { problems.append(.invalidKey(path: path, reason: "is empty")) }
        if key.utf8.contains(0) { problems.append(.invalidKey(path: path, reason: "contains a NUL character")) }
        visit(node, path: path, inside: option, depth: depth, mayBeAbsent: true)
    }

    /// - Parameter mayBeAbsent: whether the node is the value of a key, which an inactive parameter can drop.
    private mutating func visit(
        _ node: SpaceNode,
        path: String,
        inside option: EnclosingOption?,
        depth: Int,
        mayBeAbsent: Bool
    ) {
        guard depth <= SearchSpace.maximumDepth else {
            problems.append(.tooDeep(path: path))
            return
        }
        switch node {
        case .constant(let value):
            if let reason = value.reasonNotToPass(depth: depth) {
                problems.append(.invalidConstant(path: path, reason: reason))
            }
        case .mapping(let entries):
            for (key, entry) in entries {
                visitEntry(key, entry, path: "\(path).\(key)", inside: option, depth: depth + 1)
            }
        case .list(let items):
            for item in items { visit(item, path: path, inside: option, depth: depth + 1, mayBeAbsent: false) }
        case .parameter(let parameter):
            if parameter.condition != nil, !mayBeAbsent {
                let reason = "cannot be kept: only the value of a key can be absent, not an item of a list or an option"
                problems.append(.invalidCondition(label: parameter.label, reason: reason))
            }
            add(parameter, inside: option)
            guard let options = parameter.domain.options else { return }
            for (index, node) in options.enumerated() {
                let inner = EnclosingOption(choice: parameter.label, option: index)
                visit(node, path: path, inside: inner, depth: depth + 1, mayBeAbsent: false)
            }
        }
    }

    private mutating func add(_ parameter: Parameter, inside option: EnclosingOption?) {
        count += 1
        let label = parameter.label
        if let reason = Self.reasonAgainst(label: label) { problems.append(.invalidLabel(label, reason: reason)) }
        if parameters[label] != nil { problems.append(.duplicateLabel(label)) }
        parameters[label] = parameter
        enclosing[label] = option
        problems += parameter.domain.problems(label: label)
    }

    /// Labels are field names of stored documents.
    private static func reasonAgainst(label: String) -> String? {
        if label.isEmpty { return "is empty" }
        if label.utf8.contains(0) { return "contains a NUL character" }
        if label.hasPrefix("$") { return "starts with \"$\", which the database does not take as a field name" }
        return nil
    }

    private mutating func checkCondition(of parameter: Parameter) {
        guard let condition = parameter.condition else { return }
        let label = parameter.label
        if condition.clauses.isEmpty {
            problems.append(.invalidCondition(label: label, reason: "names no other parameter"))
        }
        var named: Set<String> = []
        for clause in condition.clauses {
            if !named.insert(clause.label).inserted {
                problems.append(.invalidCondition(label: label, reason: "names \(quoted(clause.label)) twice"))
            }
            guard let other = parameters[clause.label] else {
                problems.append(.unknownConditionLabel(label: label, other: clause.label))
                continue
            }
            if clause.values.isEmpty {
                problems.append(.invalidCondition(label: label, reason: "has no value for \(quoted(clause.label))"))
            }
            if other.domain.isContinuous {
                let reason = "depends on \(quoted(clause.label)), which hardly ever takes one exact value"
                problems.append(.invalidCondition(label: label, reason: reason))
                continue
            }
            for value in clause.values where !other.domain.canBe(value) {
                problems.append(.impossibleConditionValue(label: label, other: clause.label, value: value.json))
            }
        }
    }

    /// Kahn's algorithm over "is decided by": the enclosing choice and the parameters of the condition.
    private mutating func sortByActivation() {
        var dependents: [String: [String]] = [:]
        var open: [String: Int] = [:]
        for (label, parameter) in parameters {
            let deciders =
                (parameter.condition?.clauses.map(\.label) ?? []) + (enclosing[label].map { [$0.choice] } ?? [])
            open[label] = deciders.count
            for decider in deciders { dependents[decider, default: []].append(label) }
        }
        activationOrder = Array(parameters.keys.filter { open[$0] == 0 })
        var next = 0
        while next < activationOrder.count {
            for dependent in dependents[activationOrder[next]] ?? [] {
                open[dependent, default: 0] -= 1
                if open[dependent] == 0 { activationOrder.append(dependent) }
            }
            next += 1
        }
        let stuck = Array(parameters.keys.filter { open[$0, default: 0] > 0 })
        if !stuck.isEmpty { problems.append(.conditionCycle(labels: stuck)) }
    }
}

extension ParameterValue {
    /// Why a trial cannot be given this value; `nil` when it can.
    func reasonNotToPass(depth: Int) -> String? {
        guard depth <= SearchSpace.maximumDepth else {
            return "a constant is nested more than \(SearchSpace.maximumDepth) levels deep"
        }
        switch self {
        case .null, .bool, .integer: return nil
        case .double(let number): return number.isFinite ? nil : "a constant number must be finite"
        case .string(let text):
            return text.utf8.contains(0) ? "a text with a NUL character cannot be passed to a process" : nil
        case .list(let items): return items.lazy.compactMap { $0.reasonNotToPass(depth: depth + 1) }.first
        case .mapping(let entries):
            if entries.keys.contains(where: { $0.utf8.contains(0) }) { return "a key contains a NUL character" }
            return entries.values.lazy.compactMap { $0.reasonNotToPass(depth: depth + 1) }.first
        }
    }
}
