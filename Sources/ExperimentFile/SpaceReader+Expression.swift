import SearchSpace

extension SpaceReader {
    /// The parameter of an expression text.
    func readExpression(_ scalar: FileScalar, position: SourcePosition, at place: SpacePlace) -> SpaceDraft? {
        do throws(SpaceExpressionError) {
            let parsed = try SpaceExpressionParser.parse(scalar.text)
            guard case .call = parsed.expression else {
                let message = "this is no parameter; write an expression such as uniform(0, 1)"
                throw SpaceExpressionError(offset: parsed.offset, message: message)
            }
            let locate = { scalar.position(at: $0, default: position) }
            return try draft(parsed, at: place, locate: locate) ?? broken(place)
        } catch {
            return failed(error.message, at: scalar.position(at: error.offset, default: position), place)
        }
    }

    private func draft(
        _ located: LocatedExpression,
        at place: SpacePlace,
        locate: (Int) -> SourcePosition
    ) throws(SpaceExpressionError) -> SpaceDraft? {
        guard place.depth <= SearchSpace.maximumDepth else {
            throw SpaceExpressionError(
                offset: located.offset,
                message: "nested more than \(SearchSpace.maximumDepth) levels deep"
            )
        }
        switch located.expression {
        case .value(let value): return .constant(value)
        case .list(let items): return try drafts(items, at: place, locate: locate).map { SpaceDraft.list($0).folded }
        case .mapping(let entries):
            var nodes: [(key: String, node: SpaceDraft)] = []
            for entry in entries {
                guard let node = try draft(entry.value, at: place.entry(entry.key), locate: locate) else { return nil }
                nodes.append((entry.key, node))
            }
            return SpaceDraft.mapping(nodes).folded
        case .call(let call): return try draft(call, at: place, locate: locate)
        }
    }

    private func drafts(
        _ items: [LocatedExpression],
        at place: SpacePlace,
        locate: (Int) -> SourcePosition
    ) throws(SpaceExpressionError) -> [SpaceDraft]? {
        var drafts: [SpaceDraft] = []
        for (index, item) in items.enumerated() {
            guard let draft = try draft(item, at: place.item(index), locate: locate) else { return nil }
            drafts.append(draft)
        }
        return drafts
    }

    private func draft(
        _ call: SpaceCall,
        at place: SpacePlace,
        locate: (Int) -> SourcePosition
    ) throws(SpaceExpressionError) -> SpaceDraft? {
        guard let type = ParameterType(rawValue: call.name), ParameterType.callable.contains(type) else {
            let message = ParameterType.message(forUnknown: call.name, among: ParameterType.callable)
            throw SpaceExpressionError(offset: call.offset, message: message)
        }
        var arguments = call.arguments
        var label: String?
        if let index = arguments.firstIndex(where: { $0.name == "label" }) {
            label = try text(of: arguments.remove(at: index).value)
        } else if let first = arguments.first, first.name == nil, try hasLabelFirst(call, type) {
            label = try text(of: arguments.removeFirst().value)
        }
        let position = locate(call.offset)
        if type == .choice {
            guard let options = try drafts(try options(of: arguments, call), at: place, locate: locate) else {
                return nil
            }
            return parameter(.choice(options), label: label, condition: nil, position: position, at: place)
        }
        let read = try settings(of: arguments, type)
        let settings = read.map { DomainSetting(name: $0.name, value: $0.value, position: locate($0.offset)) }
        let reader = DomainSettings(settings: settings, position: position, diagnostics: diagnostics)
        guard let domain = reader.domain(type) else { return broken(place, label: label) }
        return parameter(.plain(domain), label: label, condition: nil, position: position, at: place)
    }

    /// Whether the first argument is a label: always a text, but a text may also be an option of a choice without `hp.`.
    private func hasLabelFirst(_ call: SpaceCall, _ type: ParameterType) throws(SpaceExpressionError) -> Bool {
        guard let first = call.arguments.first, case .value(.string(let text)) = first.value.expression else {
            return false
        }
        if type != .choice || call.isHyperopt { return true }
        guard call.arguments.count == 2, case .list = call.arguments[1].value.expression else { return false }
        throw SpaceExpressionError(
            offset: first.value.offset,
            message: "is \(shown(text)) a label or an option? Write hp.choice(label, […]) or choice([…])"
        )
    }

    private func text(of located: LocatedExpression) throws(SpaceExpressionError) -> String {
        guard case .value(.string(let text)) = located.expression else {
            throw SpaceExpressionError(offset: located.offset, message: "a label must be a text in quotation marks")
        }
        return text
    }

    /// `choice([a, b])`, `choice(options=[a, b])`, and without `hp.` also `choice(a, b)`.
    private func options(
        of arguments: [SpaceCall.Argument],
        _ call: SpaceCall
    ) throws(SpaceExpressionError) -> [LocatedExpression] {
        for argument in arguments {
            guard let name = argument.name, !ParameterType.optionKeys.contains(name) else { continue }
            let advice = suggestionText(for: name, among: ParameterType.optionKeys + ["label"])
            throw SpaceExpressionError(
                offset: argument.value.offset,
                message: "choice has no argument \(shown(name))\(advice)"
            )
        }
        if arguments.count == 1, let only = arguments.first {
            if case .list(let items) = only.value.expression { return items }
            if only.name != nil || call.isHyperopt {
                throw SpaceExpressionError(offset: only.value.offset, message: "the options must be a list: […]")
            }
        }
        guard !call.isHyperopt || arguments.isEmpty else {
            throw SpaceExpressionError(
                offset: arguments[1].value.offset,
                message: "hp.choice takes a label and one list of options"
            )
        }
        return arguments.map(\.value)
    }

    private struct CallSetting {
        var name: String
        var value: ParameterValue
        var offset: Int
    }

    private func settings(
        of arguments: [SpaceCall.Argument],
        _ type: ParameterType
    ) throws(SpaceExpressionError) -> [CallSetting] {
        let usesPlainBounds = type == .float || type == .int
        let positional = usesPlainBounds ? ["min", "max"] : ["low", "high"]
        var settings: [CallSetting] = []
        for (index, argument) in arguments.enumerated() {
            let offset = argument.value.offset
            guard let value = argument.value.constant else {
                throw SpaceExpressionError(offset: offset, message: "a bound must be a number, not another expression")
            }
            if let name = argument.name {
                guard type.keys.contains(name), name != "when" else {
                    let advice = suggestionText(for: name, among: type.keys.filter { $0 != "when" })
                    let message = "\(type.rawValue) has no argument \(shown(name))\(advice)"
                    throw SpaceExpressionError(offset: offset, message: message)
                }
                settings.append(CallSetting(name: name, value: value, offset: offset))
            } else {
                guard index < positional.count else {
                    let message = "\(type.rawValue) takes two bounds; name everything else (such as log=True)"
                    throw SpaceExpressionError(offset: offset, message: message)
                }
                settings.append(CallSetting(name: positional[index], value: value, offset: offset))
            }
        }
        return settings
    }
}
