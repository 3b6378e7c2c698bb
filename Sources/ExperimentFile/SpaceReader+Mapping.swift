import SearchSpace

extension SpaceReader {
    /// A mapping: a parameter when it has a type that we know, else a structure that holds further pieces.
    func readMapping(_ entries: [FileEntry], position: SourcePosition, at place: SpacePlace) -> SpaceDraft? {
        let keys = Set(entries.map(\.key))
        let isTelling = !keys.isDisjoint(with: ParameterType.tellingKeys)
        guard let typeEntry = entries.first(where: { $0.key == "type" }) else {
            if place.kind == .item || !isTelling {
                warnOfChoice(entries, at: place)
                return readStructure(entries, at: place)
            }
            let advice = "add one, such as type: uniform, float, int or choice"
            return failed("\(shown(place.path)) has no type; \(advice)", at: position, place)
        }
        // `type` may also be a drawn part of a structure.
        guard let scalar = typeEntry.value.scalar else { return readStructure(entries, at: place) }
        guard let type = ParameterType(rawValue: scalar.text) else {
            // hyperopt's example {'type': 'svm', 'C': …} is an option, not a distribution.
            if place.kind == .item, !isTelling { return readStructure(entries, at: place) }
            var message = ParameterType.message(forUnknown: scalar.text, among: ParameterType.allCases)
            if place.kind == .item { message += " (a structure with such keys: {type: mapping, entries: {…}})" }
            return failed(message, at: typeEntry.value.position, place, label: label(of: entries))
        }
        for entry in entries where entry.key != "type" && !type.keys.contains(entry.key) {
            let advice = type.advice(forKey: entry.key)
            let message = "a parameter of type \(type.rawValue) has no \(shown(entry.key))\(advice)"
            diagnostics.error(message, at: entry.keyPosition)
        }
        let before = diagnostics.errorCount
        let draft = readTyped(type, entries, position: position, at: place)
        guard let draft, diagnostics.errorCount == before else { return broken(place, label: label(of: entries)) }
        return draft
    }

    /// `kernel: {choices: [rbf, poly]}` is a choice elsewhere; here it is a structure with a choice in it.
    private func warnOfChoice(_ entries: [FileEntry], at place: SpacePlace) {
        guard place.kind != .item, entries.count == 1, let only = entries.first,
            only.key == "choices", case .list = only.value.content
        else { return }
        diagnostics.warning(
            "\(shown(place.path)) is a structure that holds a choice \(shown(only.key)); for a choice of its own write the "
                + "list alone: \(place.path): […]",
            at: only.keyPosition
        )
    }

    private func label(of entries: [FileEntry]) -> String? {
        entries.first { $0.key == "label" }?.value.scalar?.text
    }

    private func readTyped(
        _ type: ParameterType,
        _ entries: [FileEntry],
        position: SourcePosition,
        at place: SpacePlace
    ) -> SpaceDraft? {
        func entry(_ key: String) -> FileEntry? { entries.first { $0.key == key } }
        func missing(_ key: String) -> SpaceDraft? {
            failed("a parameter of type \(type.rawValue) needs \"\(key)\"", at: position, place)
        }
        switch type {
        case .constant:
            guard let entry = entry("value") else { return missing("value") }
            return value(of: entry.value).map { .constant($0) }
        case .mapping:
            guard let entry = entry("entries") else { return missing("entries") }
            guard case .mapping(let inner) = entry.value.content else {
                return failed("\"entries\" must be a mapping, not \(entry.value.kind)", at: entry.value.position, place)
            }
            return readStructure(inner, at: place)
        case .list:
            guard let entry = entry("items") else { return missing("items") }
            guard case .list(let inner) = entry.value.content else {
                return failed("\"items\" must be a list, not \(entry.value.kind)", at: entry.value.position, place)
            }
            return SpaceDraft.list(readItems(inner, at: place)).folded
        default:
            let condition = entry("when").flatMap(readCondition)
            let label = entry("label").flatMap(readLabel)
            guard let domain = readDomain(type, entries, position: position, at: place) else { return nil }
            return parameter(domain, label: label, condition: condition, position: position, at: place)
        }
    }

    private func readDomain(
        _ type: ParameterType,
        _ entries: [FileEntry],
        position: SourcePosition,
        at place: SpacePlace
    ) -> ParameterDraft.Domain? {
        if type.isChoice { return readChoice(type, entries, position: position, at: place) }
        let settings = entries.filter { type.keys.contains($0.key) && !["label", "when"].contains($0.key) }
        let read = settings.compactMap { setting($0) }
        guard read.count == settings.count else { return nil }
        let reader = DomainSettings(settings: read, position: position, diagnostics: diagnostics)
        return reader.domain(type).map { .plain($0) }
    }

    private func readLabel(_ entry: FileEntry) -> String? {
        guard let scalar = entry.value.scalar else {
            diagnostics.error("\"label\" must be a text, not \(entry.value.kind)", at: entry.value.position)
            return nil
        }
        return scalar.text
    }

    private func readCondition(_ entry: FileEntry) -> [ParameterDraft.Clause]? {
        guard case .mapping(let clauses) = entry.value.content else {
            let message = "\"when\" must be a mapping such as {other: value}, not \(entry.value.kind)"
            diagnostics.error(message, at: entry.value.position)
            return nil
        }
        return clauses.compactMap { clause in
            var values: [ParameterValue] = []
            if case .list(let items) = clause.value.content {
                values = items.compactMap { value(of: $0) }
            } else if let value = value(of: clause.value) {
                values = [value]
            }
            return ParameterDraft.Clause(name: clause.key, values: values, position: clause.keyPosition)
        }
    }
}
