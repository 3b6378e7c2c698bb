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
        switch type {
        case .uniform, .quniform, .loguniform, .qloguniform: uniform(type)
        case .normal, .qnormal, .lognormal, .qlognormal: normal(type)
        case .uniformint: bounds(type, number).map { .uniformInteger(low: $0, high: $1) }
        case .randint: randomInteger()
        case .float:
            grid(type, number).map { .float(min: $0.low, max: $0.high, isLog: $0.isLog, step: $0.step) }
        case .int:
            grid(type, wholeNumber).map { .integer(min: $0.low, max: $0.high, isLog: $0.isLog, step: $0.step) }
        case .choice, .pchoice, .constant, .mapping, .list: nil
        }
    }

    private func uniform(_ type: ParameterType) -> ParameterDomain? {
        let isLog = type == .loguniform || type == .qloguniform
        let bounds = bounds(type, number)
        let quantum = quantum(type)
        guard let (low, high) = bounds, let quantum else { return nil }
        if isLog { warnAboutPlainBounds(low, high, type) }
        return .real(RealDistribution(.uniform(low: low, high: high), isLog: isLog, quantum: quantum.value))
    }

    private func normal(_ type: ParameterType) -> ParameterDomain? {
        let isLog = type == .lognormal || type == .qlognormal
        let mu = required("mu", "the mean").flatMap(number)
        let sigma = required("sigma", "the standard deviation").flatMap(number)
        let quantum = quantum(type)
        guard let mu, let sigma, let quantum else { return nil }
        return .real(RealDistribution(.normal(mu: mu, sigma: sigma), isLog: isLog, quantum: quantum.value))
    }

    /// `randint(upper)` begins at 0; the upper bound is never drawn.
    private func randomInteger() -> ParameterDomain? {
        let low = optional(ParameterType.lowerBoundKeys, "lower", wholeNumber)
        let high = bound(["upper"] + ParameterType.upperBoundKeys, "upper", "upper").flatMap(wholeNumber)
        guard let low, let high else { return nil }
        return .randomInteger(low: low.value ?? 0, high: high)
    }

    private func grid<Number>(
        _ type: ParameterType,
        _ read: (DomainSetting) -> Number?
    ) -> (low: Number, high: Number, isLog: Bool, step: Number?)? {
        let isLog = truth("log")
        let step = optional(["step"], "", read)
        let bounds = bounds(type, read)
        guard let (low, high) = bounds, let isLog, let step else { return nil }
        return (low, high, isLog, step.value)
    }

    private func warnAboutPlainBounds(_ low: Double, _ high: Double, _ type: ParameterType) {
        guard 0 < low, low < 1, 0 < high, high < 1 else { return }
        diagnostics.warning(
            "the bounds of a \(type.rawValue) are natural logarithms; for values between the bounds themselves write "
                + "{type: float, min: …, max: …, log: true}",
            at: position
        )
    }

    private func bounds<Number>(
        _ type: ParameterType,
        _ read: (DomainSetting) -> Number?
    ) -> (low: Number, high: Number)? {
        let usesPlainBounds = type == .float || type == .int
        let low = bound(ParameterType.lowerBoundKeys, "lower", usesPlainBounds ? "min" : "low").flatMap(read)
        let high = bound(ParameterType.upperBoundKeys, "upper", usesPlainBounds ? "max" : "high").flatMap(read)
        guard let low, let high else { return nil }
        return (low, high)
    }

    private func bound(_ names: [String], _ side: String, _ advice: String) -> DomainSetting? {
        let given = settings.filter { names.contains($0.name) }
        guard let first = given.first else {
            diagnostics.error("the \(side) bound is missing; write \(advice): …", at: position)
            return nil
        }
        guard given.count == 1 else {
            let message = "\"\(first.name)\" and \"\(given[1].name)\" are both the \(side) bound; remove one of them"
            diagnostics.error(message, at: given[1].position)
            return nil
        }
        return first
    }

    private func required(_ name: String, _ what: String) -> DomainSetting? {
        if let setting = settings.first(where: { $0.name == name }) { return setting }
        diagnostics.error("\(what) is missing; write \(name): …", at: position)
        return nil
    }

    /// The step of a quantised type: `nil` on the outside when it is missing or wrong.
    private func quantum(_ type: ParameterType) -> (value: Double?, Void)? {
        guard type.keys.contains("q") else { return (nil, ()) }
        return required("q", "the step").flatMap(number).map { ($0, ()) }
    }

    /// A setting that may be missing: `nil` on the outside when it is wrong.
    private func optional<T>(
        _ names: [String],
        _ side: String,
        _ read: (DomainSetting) -> T?
    ) -> (value: T?, Void)? {
        guard settings.contains(where: { names.contains($0.name) }) else { return (nil, ()) }
        return bound(names, side, "").flatMap(read).map { ($0, ()) }
    }

    private func truth(_ name: String) -> Bool? {
        guard let setting = settings.first(where: { $0.name == name }) else { return false }
        guard case .bool(let value) = setting.value else { return wrong(setting, "true or false") }
        return value
    }

    private func number(_ setting: DomainSetting) -> Double? {
        setting.value.asNumber ?? wrong(setting, "a number")
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
