import SearchSpace

/// One setting of a distribution, from a mapping or from the arguments of an expression.
struct DomainSetting {
    var name: String
    var value: ParameterValue
    /// How to write what was probably meant.
    var hint: String?
    var position: SourcePosition
}

/// Makes a domain of settings and reports what is wrong with them.
struct DomainSettings {
    var settings: [DomainSetting]
    /// Where the parameter stands, for what is missing.
    var position: SourcePosition
    var diagnostics: DiagnosticCollector

    /// The domain, or `nil` when something was reported.
    func domain(_ type: ParameterType) -> ParameterDomain? {
        let low = bound(ParameterType.lowerBoundKeys, "lower", type)
        let high = bound(ParameterType.upperBoundKeys, "upper", type)
        switch type {
        case .uniform, .loguniform:
            guard let low = low.flatMap(number), let high = high.flatMap(number) else { return nil }
            if type == .uniform { return .uniform(low: low, high: high) }
            warnAboutPlainBounds(low, high)
            return .logUniform(low: low, high: high)
        case .float:
            let isLog = truth("log")
            let step = optional("step", number)
            guard let low = low.flatMap(number), let high = high.flatMap(number), let isLog, let step else {
                return nil
            }
            return .float(min: low, max: high, isLog: isLog, step: step.value)
        case .int:
            let isLog = truth("log")
            let step = optional("step", wholeNumber)
            guard let low = low.flatMap(wholeNumber), let high = high.flatMap(wholeNumber), let isLog, let step else {
                return nil
            }
            return .integer(min: low, max: high, isLog: isLog, step: step.value)
        case .choice, .constant, .mapping, .list: return nil
        }
    }

    private func warnAboutPlainBounds(_ low: Double, _ high: Double) {
        guard 0 < low, low < 1, 0 < high, high < 1 else { return }
        diagnostics.warning(
            "the bounds of a loguniform are natural logarithms; for values between the bounds themselves write "
                + "{type: float, min: …, max: …, log: true}",
            at: position
        )
    }

    private func bound(_ names: [String], _ side: String, _ type: ParameterType) -> DomainSetting? {
        let given = settings.filter { names.contains($0.name) }
        guard let first = given.first else {
            let name = type == .float || type == .int ? names[1] : names[0]
            diagnostics.error("the \(side) bound is missing; write \(name): …", at: position)
            return nil
        }
        if given.count > 1 {
            let message = "\"\(first.name)\" and \"\(given[1].name)\" are both the \(side) bound; remove one of them"
            diagnostics.error(message, at: given[1].position)
            return nil
        }
        return first
    }

    /// A setting that may be missing: `nil` on the outside when it is wrong.
    private func optional<T>(_ name: String, _ read: (DomainSetting) -> T?) -> (value: T?, Void)? {
        guard let setting = settings.first(where: { $0.name == name }) else { return (nil, ()) }
        return read(setting).map { ($0, ()) }
    }

    private func truth(_ name: String) -> Bool? {
        guard let setting = settings.first(where: { $0.name == name }) else { return false }
        guard case .bool(let value) = setting.value else { return wrong(setting, "true or false") }
        return value
    }

    private func number(_ setting: DomainSetting) -> Double? {
        switch setting.value {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: wrong(setting, "a number")
        }
    }

    private func wholeNumber(_ setting: DomainSetting) -> Int64? {
        switch setting.value {
        case .integer(let number): number
        case .double(let number): Int64(exactly: number) ?? wrong(setting, "a whole number")
        default: wrong(setting, "a whole number")
        }
    }

    private func wrong<T>(_ setting: DomainSetting, _ expected: String) -> T? {
        let hint = setting.hint.map { "; \($0)" } ?? ""
        let message = "\"\(setting.name)\" must be \(expected), not \(cut(setting.value.json))\(hint)"
        diagnostics.error(message, at: setting.position)
        return nil
    }
}
