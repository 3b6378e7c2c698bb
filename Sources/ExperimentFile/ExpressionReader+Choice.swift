import SearchSpace

extension ExpressionReader {
    /// `choice([a, b])`, `choice(a, b)` without `hp.`, `pchoice([(0.3, a), (0.7, b)])`, or options with probabilities.
    func choice(
        _ call: SpaceCall,
        _ type: ParameterType,
        _ arguments: [SpaceCall.Argument],
        at place: SpacePlace
    ) -> ParameterDraft.Domain? {
        guard let (items, given) = options(of: arguments, call) else { return nil }
        guard type == .pchoice, given == nil else {
            guard let options = drafts(items, at: place) else { return nil }
            guard let given else { return .choice(ChoiceDraft(options: options, probabilities: nil)) }
            return numbers(given).map { .choice(ChoiceDraft(options: options, probabilities: $0)) }
        }
        let pairs = items.map(pair)
        guard let options = drafts(zip(items, pairs).map { $1?.option ?? $0 }, at: place) else { return nil }
        let probabilities = pairs.compactMap { $0?.probability }
        return probabilities.count == items.count
            ? .choice(ChoiceDraft(options: options, probabilities: probabilities)) : nil
    }

    /// An option with its probability; `nil` when it is none, which has been reported.
    private func pair(_ item: LocatedExpression) -> (probability: Double, option: LocatedExpression)? {
        guard case .list(let parts) = item.expression, parts.count == 2, let probability = parts[0].number else {
            let message = "pchoice takes a list of pairs: (probability, option)"
            reader.diagnostics.error(message, at: places[item.offset])
            return nil
        }
        return (probability, parts[1])
    }

    private func numbers(_ located: LocatedExpression) -> [Double]? {
        guard case .list(let items) = located.expression else {
            reader.diagnostics.error("the probabilities must be a list of numbers", at: places[located.offset])
            return nil
        }
        let wrong = items.first { $0.number == nil }
        if let wrong { reader.diagnostics.error("a probability must be a number", at: places[wrong.offset]) }
        return wrong == nil ? items.compactMap(\.number) : nil
    }

    private func options(
        of arguments: [SpaceCall.Argument],
        _ call: SpaceCall
    ) -> (items: [LocatedExpression], probabilities: LocatedExpression?)? {
        let known = ParameterType.optionKeys + ["p_options", "probabilities"]
        for argument in arguments {
            guard let name = argument.name, !known.contains(name) else { continue }
            let advice = suggestionText(for: name, among: ["options", "probabilities", "label"])
            return refused("\(call.name) has no argument \(shown(name))\(advice)", argument.value.offset)
        }
        let probabilities = arguments.first { $0.name == "probabilities" }?.value
        let rest = arguments.filter { $0.name != "probabilities" }
        if rest.count == 1, let only = rest.first {
            if case .list(let items) = only.value.expression { return (items, probabilities) }
            // What is no literal has an error of its own, which says more.
            if case .call(let inner) = only.value.expression, inner.advice != nil { return ([only.value], nil) }
            if only.name != nil || call.isHyperopt {
                return refused("the options must be a list: […]", only.value.offset)
            }
        }
        guard !call.isHyperopt || rest.isEmpty else {
            return refused("hp.\(call.name) takes a label and one list of options", rest[1].value.offset)
        }
        return (rest.map(\.value), probabilities)
    }

    private func refused(
        _ message: String,
        _ offset: Int
    ) -> (items: [LocatedExpression], probabilities: LocatedExpression?)? {
        reader.diagnostics.error(message, at: places[offset])
        return nil
    }
}
