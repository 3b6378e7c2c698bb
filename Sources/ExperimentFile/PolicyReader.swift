import ExperimentModel
import SearchSpace

/// Reads `early_termination`: a name, a mapping with a type and its settings, or several of them.
struct PolicyReader {
    /// The key of a policy's name.
    static let typeKey = "type"
    /// The key of several policies.
    static let anyOfKey = "any_of"
    /// The word for no policy.
    static let none = "none"
    /// Policies that one experiment may have.
    static let maximumCount = 16

    let diagnostics: DiagnosticCollector

    /// Azure's names, which mean the same.
    private static let azure: [String: PolicySpecification.Kind] = [
        "Bandit": .bandit, "MedianStopping": .medianStopping, "TruncationSelection": .truncationSelection,
    ]
    private static let azureNone = "Default"
    /// Names of the field for what has another name here.
    private static let otherNames = [
        "hyperband": "asha with brackets, such as {type: asha, brackets: 3}", "successive_halving": "asha",
        "successivehalving": "asha", "halving": "asha", "median_pruner": "median_stopping", "nan": "not_finite",
        "percentile": "median_stopping with a percentile",
    ]

    /// The policies; empty for none, or when they are wrong, which has been reported.
    func read(_ node: FileNode) -> [PolicySpecification] {
        switch node.content {
        case .scalar(let scalar):
            if isNone(scalar.text) { return [] }
            return policy(node).map { [$0] } ?? []
        case .list(let items): return policies(items, at: node.position)
        case .mapping(let entries):
            if let anyOf = entries.first(where: { $0.key == Self.anyOfKey }) { return read(anyOf, beside: entries) }
            if entries.count == 1, entries[0].key == Self.typeKey, isNone(entries[0].value.scalar?.text) { return [] }
            return policy(node).map { [$0] } ?? []
        }
    }

    private func isNone(_ text: String?) -> Bool { text == Self.none || text == Self.azureNone }

    private func read(_ anyOf: FileEntry, beside entries: [FileEntry]) -> [PolicySpecification] {
        for entry in entries where entry.key != Self.anyOfKey {
            let message = "any_of stands alone; move \(shown(entry.key)) into one of its policies"
            diagnostics.error(message, at: entry.keyPosition)
        }
        guard case .list(let items) = anyOf.value.content else {
            let message = "any_of must be a list of policies, not \(anyOf.value.kind); write any_of: [asha, not_finite]"
            diagnostics.error(message, at: anyOf.value.position)
            return []
        }
        return policies(items, at: anyOf.value.position)
    }

    private func policies(_ items: [FileNode], at position: SourcePosition) -> [PolicySpecification] {
        guard !items.isEmpty, items.count <= Self.maximumCount else {
            let message =
                "early_termination must have 1 to \(Self.maximumCount) policies, not \(items.count); write none for no policy"
            diagnostics.error(message, at: position)
            return []
        }
        return items.compactMap { item in
            if case .mapping(let entries) = item.content, entries.contains(where: { $0.key == Self.anyOfKey }) {
                diagnostics.error("any_of cannot stand in another list; write its policies there", at: item.position)
                return nil
            }
            return policy(item)
        }
    }

    /// One policy; `nil` when it is wrong, which has been reported.
    private func policy(_ node: FileNode) -> PolicySpecification? {
        switch node.content {
        case .scalar:
            guard let kind = kind(node) else { return nil }
            return policy(kind, [], at: node.position)
        case .list:
            diagnostics.error("a policy must be a name or a mapping with type, not a list", at: node.position)
            return nil
        case .mapping(let entries):
            guard let type = entries.first(where: { $0.key == Self.typeKey }) else {
                let advice = "write which policy it is, such as \(Self.example)"
                let likely = entries.first { Self.looksLikeType($0.key) }
                let message =
                    likely.map { "unknown key \(shown($0.key)) in a policy; did you mean \"type\"?" }
                    ?? "a policy needs a type; \(advice)"
                diagnostics.error(message, at: likely?.keyPosition ?? node.position)
                return nil
            }
            guard let kind = kind(type.value) else { return nil }
            return policy(kind, entries.filter { $0.key != Self.typeKey }, at: node.position)
        }
    }

    private static let example = "{type: bandit, slack_factor: 0.1}"

    private static func looksLikeType(_ key: String) -> Bool {
        key == "name" || key == "policy" || nearestName(to: key, among: [typeKey]) != nil
    }

    private func kind(_ node: FileNode) -> PolicySpecification.Kind? {
        let known = PolicySpecification.Kind.allCases.map(\.rawValue)
        guard let text = node.scalar?.text else {
            let list = ([Self.none] + known).joined(separator: ", ")
            diagnostics.error("the type of a policy must be one of \(list), not \(node.kind)", at: node.position)
            return nil
        }
        if let kind = PolicySpecification.Kind(rawValue: text) ?? Self.azure[text] { return kind }
        if isNone(text) {
            diagnostics.error("\(text) means no policy: it stands alone, without settings", at: node.position)
        } else if let other = Self.otherNames[text.lowercased()] {
            diagnostics.error("there is no policy \(shown(text)); write \(other)", at: node.position)
        } else {
            let advice = suggestionText(for: text, among: known)
            let list = ([Self.none] + known).joined(separator: ", ")
            diagnostics.error(
                "there is no policy \(shown(text))\(advice); the policies are: \(list)",
                at: node.position
            )
        }
        return nil
    }

    private func policy(
        _ kind: PolicySpecification.Kind,
        _ entries: [FileEntry],
        at position: SourcePosition
    ) -> PolicySpecification? {
        let errors = diagnostics.errorCount
        let section = SectionReader(entries, .policy(kind), position: position, diagnostics: diagnostics)
        let rule = PolicyRuleReader(section: section).rule(kind)
        let interval = kind == .asha ? nil : section.wholeNumber("evaluation_interval")
        let delay = section.wholeNumber("delay_evaluation")
        guard let rule, diagnostics.errorCount == errors else { return nil }
        return PolicySpecification(rule, evaluationInterval: max(1, interval ?? 1), delayEvaluation: delay ?? 0)
    }
}

extension DefinitionReader {
    /// The policies that stop trials early, in their order.
    func readPolicies(_ file: SectionReader) -> [PolicySpecification] {
        file.node("early_termination").map(PolicyReader(diagnostics: diagnostics).read) ?? []
    }
}
