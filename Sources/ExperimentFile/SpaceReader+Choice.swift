import SearchSpace

extension SpaceReader {
    /// `{type: choice, options: […]}`, with `probabilities: […]`, or `{type: pchoice, options: [[0.3, a], [0.7, b]]}`.
    func readChoice(
        _ type: ParameterType,
        _ entries: [FileEntry],
        position: SourcePosition,
        at place: SpacePlace
    ) -> ParameterDraft.Domain? {
        let given = entries.filter { ParameterType.optionKeys.contains($0.key) }
        guard let options = given.first else {
            diagnostics.error("the options are missing; write options: […]", at: position)
            return nil
        }
        if given.count > 1 {
            diagnostics.error("\"options\" and \"values\" mean the same; remove one of them", at: given[1].keyPosition)
        }
        guard case .list(let items) = options.value.content else {
            let message = "\"\(options.key)\" must be a list, not \(options.value.kind)"
            diagnostics.error(message, at: options.value.position)
            return nil
        }
        if let entry = entries.first(where: { $0.key == "probabilities" }) {
            let drafts = readItems(items, at: place)
            return readProbabilities(entry).map { .choice(ChoiceDraft(options: drafts, probabilities: $0)) }
        }
        guard type == .pchoice else {
            return .choice(ChoiceDraft(options: readItems(items, at: place), probabilities: nil))
        }
        return readPairs(items, at: place)
    }

    private func readProbabilities(_ entry: FileEntry) -> [Double]? {
        guard case .list(let items) = entry.value.content else {
            let message = "\"probabilities\" must be a list of numbers, not \(entry.value.kind)"
            diagnostics.error(message, at: entry.value.position)
            return nil
        }
        let numbers = items.compactMap(probability)
        return numbers.count == items.count ? numbers : nil
    }

    private func readPairs(_ items: [FileNode], at place: SpacePlace) -> ParameterDraft.Domain? {
        var probabilities: [Double] = []
        var options: [FileNode] = []
        for item in items {
            guard case .list(let parts) = item.content, parts.count == 2 else {
                let message =
                    "pchoice needs probabilities: […], or options that are pairs: [probability, option]"
                diagnostics.error(message, at: item.position)
                return nil
            }
            if let number = probability(parts[0]) { probabilities.append(number) }
            options.append(parts[1])
        }
        let drafts = readItems(options, at: place)
        return probabilities.count == items.count
            ? .choice(ChoiceDraft(options: drafts, probabilities: probabilities)) : nil
    }

    private func probability(_ node: FileNode) -> Double? {
        switch node.scalar.map(StrictScalar.init) {
        case .integer(let whole): return Double(whole)
        case .double(let number): return number
        default:
            let hint = node.scalar.flatMap { $0.isPlain ? StrictScalar.hint(for: $0.text) : nil }.map { "; \($0)" }
            diagnostics.error("a probability must be a number, not \(node.kind)\(hint ?? "")", at: node.position)
            return nil
        }
    }
}
