import SearchSpace

/// Turns the tree of an expression into drafts; every mistake in it is reported, each with its place.
struct ExpressionReader {
    let reader: SpaceReader
    let places: ScalarPlaces

    /// The piece of a space that an expression stands for; `nil` when it is wrong, which has been reported.
    func draft(_ located: LocatedExpression, at place: SpacePlace) -> SpaceDraft? {
        reader.remember(places[located.offset], of: place)
        guard place.depth <= SearchSpace.maximumDepth else {
            return failed("nested more than \(SearchSpace.maximumDepth) levels deep", located.offset, place)
        }
        switch located.expression {
        case .value(let value): return .constant(value)
        case .list(let items):
            return drafts(items, at: place).map { SpaceDraft.list($0).folded } ?? reader.broken(place)
        case .mapping(let entries):
            // A constant is passed on as it is; keys with parameters below them become names.
            if let constant = located.constant { return .constant(constant) }
            return drafts(entries, at: { place.entry($0) }).map { .mapping($0) } ?? reader.broken(place)
        case .call(let call): return draft(call, at: place)
        }
    }

    /// The entries of a mapping that names parameters; `nil` when one is wrong.
    func drafts(
        _ entries: [ExpressionEntry],
        at place: (String) -> SpacePlace
    ) -> [DraftEntry]? {
        var nodes: [DraftEntry] = []
        for entry in entries where reader.check(key: entry.key, at: places[entry.offset]) {
            if let node = draft(entry.value, at: place(entry.key)) {
                nodes.append(DraftEntry(key: entry.key, node: node))
            }
        }
        return nodes.count == entries.count ? nodes : nil
    }

    func drafts(_ items: [LocatedExpression], at place: SpacePlace) -> [SpaceDraft]? {
        let drafts = items.enumerated().compactMap { draft($1, at: place.item($0)) }
        return drafts.count == items.count ? drafts : nil
    }

    private func draft(_ call: SpaceCall, at place: SpacePlace) -> SpaceDraft? {
        if call.isWholeNumberCast { return wholeNumberDraft(call, at: place) }
        guard let type = type(of: call) else {
            return failed(call.mistake, call.offset, place)
        }
        guard let (label, arguments) = label(of: call, type) else { return reader.broken(place) }
        let position = places[call.offset]
        let domain: ParameterDraft.Domain?
        if type.isChoice {
            domain = choice(call, type, arguments, at: place)
        } else {
            let settings = settings(of: arguments, type)
            let reader = DomainSettings(settings: settings ?? [], position: position, diagnostics: reader.diagnostics)
            domain = settings == nil ? nil : reader.domain(type).map { .plain($0) }
        }
        guard let domain else { return reader.broken(place, label: label) }
        return reader.parameter(domain, label: label, condition: nil, position: position, at: place)
    }

    private func type(of call: SpaceCall) -> ParameterType? {
        ParameterType(rawValue: call.name).flatMap { ParameterType.callable.contains($0) ? $0 : nil }
    }

    /// `scope.int(hp.quniform('n', 1, 10, 1))`: a trial sees whole numbers without a point anyway.
    private func wholeNumberDraft(_ call: SpaceCall, at place: SpacePlace) -> SpaceDraft? {
        guard call.arguments.count == 1, let only = call.arguments.first, case .call = only.value.expression else {
            return failed("\(call.name) takes one parameter, such as hp.quniform('n', 1, 10, 1)", call.offset, place)
        }
        guard let draft = draft(only.value, at: place) else { return nil }
        if case .parameter(let parameter) = draft, case .plain(let domain) = parameter.domain, domain.isWhole {
            return draft
        }
        let message = "\(call.name) is only read around whole numbers: a parameter with a whole step (q)"
        return failed(message, call.offset, place)
    }

    /// The label that a call at the root gives, if it is one.
    func rootLabel(of located: LocatedExpression) -> (label: String, offset: Int)? {
        guard case .call(let call) = located.expression else { return nil }
        if call.isWholeNumberCast { return call.arguments.first.flatMap { rootLabel(of: $0.value) } }
        let argument = call.arguments.first { $0.name == "label" } ?? call.arguments.first { $0.name == nil }
        guard let argument, case .value(.string(let label)) = argument.value.expression else { return nil }
        return (label, argument.value.offset)
    }

    /// The label and the other arguments; `nil` when the label is wrong.
    private func label(
        of call: SpaceCall,
        _ type: ParameterType
    ) -> (label: String?, arguments: [SpaceCall.Argument])? {
        var arguments = call.arguments
        var argument: SpaceCall.Argument?
        if let index = arguments.firstIndex(where: { $0.name == "label" }) {
            argument = arguments.remove(at: index)
        } else if let first = arguments.first, first.name == nil,
            case .value(.string(let text)) = first.value.expression
        {
            // A text may also be an option of a choice without `hp.`.
            let isOption = type.isChoice && !call.isHyperopt
            if isOption, arguments.count == 2, case .list = arguments[1].value.expression {
                let message =
                    "is \(shown(text)) a label or an option? Write hp.\(call.name)(label, […]) or \(call.name)([…])"
                reader.diagnostics.error(message, at: places[first.value.offset])
                return nil
            }
            if !isOption { argument = arguments.removeFirst() }
        }
        guard let argument else { return (nil, arguments) }
        guard case .value(.string(let label)) = argument.value.expression else {
            reader.diagnostics.error("a label must be a text in quotation marks", at: places[argument.value.offset])
            return nil
        }
        return (label, arguments)
    }

    private func settings(of arguments: [SpaceCall.Argument], _ type: ParameterType) -> [DomainSetting]? {
        let positional = type.positionalKeys(count: arguments.count { $0.name == nil })
        var settings: [DomainSetting] = []
        for (index, argument) in arguments.enumerated() {
            let position = places[argument.value.offset]
            guard let name = argument.name ?? (index < positional.count ? positional[index] : nil) else {
                let more = type == .float || type == .int ? "name everything else (such as log=True)" : "nothing more"
                let takes = positional.joined(separator: ", ")
                reader.diagnostics.error("\(type.rawValue) takes \(takes); \(more)", at: position)
                return nil
            }
            guard type.keys.contains(name), name != "when" else {
                let advice = type.advice(forKey: name)
                reader.diagnostics.error("\(type.rawValue) has no argument \(shown(name))\(advice)", at: position)
                return nil
            }
            guard let value = argument.value.constant else {
                reader.diagnostics.error(argument.value.mistakeAsNumber(name), at: position)
                return nil
            }
            settings.append(DomainSetting(name: name, value: value, position: position))
        }
        // hyperopt 0.3.0 calls the only bound of randint `low`.
        if type == .randint, settings.count == 1, settings[0].name == "low" { settings[0].name = "upper" }
        return settings
    }

    func failed(_ message: String, _ offset: Int, _ place: SpacePlace) -> SpaceDraft? {
        reader.failed(message, at: places[offset], place)
    }
}

extension SpaceCall {
    fileprivate var isWholeNumberCast: Bool {
        !isHyperopt && ["scope.int", "pyll.scope.int", "hyperopt.pyll.scope.int"].contains(name)
    }

    /// What is wrong with a call of something that is no type of ours.
    fileprivate var mistake: String {
        advice ?? ParameterType.message(forUnknown: name, among: ParameterType.callable)
    }
}

extension LocatedExpression {
    fileprivate func mistakeAsNumber(_ name: String) -> String {
        if case .call(let call) = expression, ParameterType(rawValue: call.name) == nil { return call.mistake }
        return "\"\(name)\" must be a number, not another expression"
    }
}

extension ParameterDomain {
    /// Whether all values are whole numbers.
    fileprivate var isWhole: Bool {
        switch self {
        case .real(let distribution): distribution.quantum.map { $0.rounded() == $0 } ?? false
        case .uniformInteger, .randomInteger, .integer: true
        case .float, .choice: false
        }
    }
}
