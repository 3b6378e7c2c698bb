import OrderedCollections
import SearchSpace

/// Gives every parameter its label, settles conditions, and makes the checked space.
struct SpaceAssembly {
    private let drafts: [DraftEntry]
    private let reader: SpaceReader
    private let position: SourcePosition
    private var parameters: [ParameterDraft] = []
    /// Label by number of the draft.
    private var labels: [Int: String] = [:]
    /// Draft by its label, path and key; of several with one label or path the last, and no key that several have.
    private var byLabel: [String: ParameterDraft] = [:]
    private var byPath: [String: ParameterDraft] = [:]
    private var byKey: [String: ParameterDraft] = [:]

    init(drafts: [DraftEntry], reader: SpaceReader, position: SourcePosition) {
        self.drafts = drafts
        self.reader = reader
        self.position = position
        for draft in drafts { collect(draft.node) }
        assignLabels()
    }

    /// The space, or `nil` when anything was reported.
    func space() -> SearchSpace? {
        var root: OrderedDictionary<String, SpaceNode> = [:]
        for draft in drafts { root[draft.key] = node(draft.node) }
        let problems = SearchSpace.problems(in: root)
        for problem in problems where !isAftermath(problem) {
            var message = problem.description
            if case .unknownConditionLabel(_, let other) = problem {
                message += suggestionText(for: other, among: byLabel.keys.sorted())
            }
            reader.diagnostics.error(message, at: place(of: problem))
        }
        guard !reader.diagnostics.hasErrors, problems.isEmpty else { return nil }
        // Just checked: without problems it cannot throw.
        return try? SearchSpace(root: root)
    }

    private mutating func collect(_ draft: SpaceDraft) {
        switch draft {
        case .constant: break
        case .list(let items): for item in items { collect(item) }
        case .mapping(let entries): for entry in entries { collect(entry.node) }
        case .parameter(let parameter):
            parameters.append(parameter)
            if case .choice(let choice) = parameter.domain { for option in choice.options { collect(option) } }
        }
    }

    /// A parameter without a label is called by its key, or by its path when another one has that name too.
    private mutating func assignLabels() {
        var uses: [String: Int] = [:]
        for parameter in parameters {
            if let name = parameter.label ?? parameter.key { uses[name, default: 0] += 1 }
        }
        for parameter in parameters {
            let isUnique = parameter.key.map { uses[$0] == 1 } ?? false
            let label = parameter.label ?? (isUnique ? parameter.key : nil) ?? parameter.path
            labels[parameter.number] = label
            byLabel[label] = parameter
            byPath[parameter.path] = parameter
        }
        let keyed = Dictionary(grouping: parameters.filter { $0.key != nil }) { $0.key ?? "" }
        byKey = keyed.filter { $1.count == 1 }.compactMapValues(\.first)
    }

    private func node(_ draft: SpaceDraft) -> SpaceNode {
        switch draft {
        case .constant(let value): return .constant(value)
        case .list(let items): return .list(items.map(node))
        case .mapping(let entries):
            return .mapping(OrderedDictionary(entries.map { ($0.key, node($0.node)) }, uniquingKeysWith: { $1 }))
        case .parameter(let parameter):
            let domain: ParameterDomain =
                switch parameter.domain {
                case .plain(let domain): domain
                case .choice(let choice): .choice(choice.options.map(node), probabilities: choice.probabilities)
                }
            let label = labels[parameter.number] ?? parameter.path
            return .parameter(Parameter(label: label, domain: domain, condition: condition(of: parameter)))
        }
    }

    /// The condition with the labels of the parameters that it names by label, path or key.
    private func condition(of parameter: ParameterDraft) -> ParameterCondition? {
        guard let clauses = parameter.condition else { return nil }
        // A condition on a parameter that was left out cannot be judged, and is no second mistake.
        if clauses.contains(where: { label(named: $0.name) == nil && reader.brokenNames.contains($0.name) }) {
            return nil
        }
        return ParameterCondition(
            clauses: clauses.map { .init(label: label(named: $0.name) ?? $0.name, values: $0.values) }
        )
    }

    private func label(named name: String) -> String? {
        if byLabel[name] != nil { return name }
        return (byPath[name] ?? byKey[name]).flatMap { labels[$0.number] }
    }

    /// Whether a problem only follows from what was left out.
    private func isAftermath(_ problem: SearchSpaceError) -> Bool {
        problem == .noParameter && !reader.brokenNames.isEmpty
    }

    private func place(of problem: SearchSpaceError) -> SourcePosition {
        if let label = problem.label, let parameter = byLabel[label] {
            switch problem {
            case .unknownConditionLabel(_, let other), .impossibleConditionValue(_, let other, _):
                let clause = parameter.condition?.first { $0.name == other || self.label(named: $0.name) == other }
                return clause?.position ?? parameter.position
            case .invalidCondition, .conditionCycle: return parameter.condition?.first?.position ?? parameter.position
            default: return parameter.position
            }
        }
        return problem.path.flatMap { reader.positions[$0] } ?? position
    }
}
