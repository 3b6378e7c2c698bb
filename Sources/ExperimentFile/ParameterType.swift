import SearchSpace

/// The words for kinds of parameters, and what each may be given.
enum ParameterType: String, CaseIterable {
    case uniform, quniform, loguniform, qloguniform, normal, qnormal, lognormal, qlognormal
    case uniformint, randint, float, int, choice, pchoice, constant, mapping, list

    static let lowerBoundKeys = ParameterSetting.low.names
    static let upperBoundKeys = ParameterSetting.high.names
    static let optionKeys = ParameterSetting.options.names
    /// Settings by which a mapping without a type is seen to lack one.
    static let tellingKeys: Set<String> = {
        let isTelling: [ParameterSetting] = [
            .low, .high, .options, .log, .step, .quantum, .mean, .deviation, .upper, .probabilities,
        ]
        return Set(isTelling.flatMap(\.names))
    }()

    /// Types that people use in expressions.
    static let callable = allCases.filter { ![.constant, .mapping, .list].contains($0) }

    /// The settings of this type alone, beside `type`, `label` and `when`.
    var ownSettings: [ParameterSetting] {
        switch self {
        case .uniform, .loguniform, .uniformint: [.low, .high]
        case .quniform, .qloguniform: [.low, .high, .quantum]
        case .normal, .lognormal: [.mean, .deviation]
        case .qnormal, .qlognormal: [.mean, .deviation, .quantum]
        case .randint: [.upper, .low, .high]
        case .float, .int: [.log, .step, .low, .high]
        case .choice, .pchoice: [.options, .probabilities]
        case .constant: [.value]
        case .mapping: [.entries]
        case .list: [.items]
        }
    }

    /// The settings of a mapping of this type, beside `type`.
    var settings: [ParameterSetting] {
        Self.callable.contains(self) ? [.label, .condition] + ownSettings : ownSettings
    }

    /// The keys of a mapping of this type, beside `type`.
    var keys: [String] { settings.flatMap(\.names) }

    /// The settings that positional arguments of an expression stand for.
    func positionalKeys(count: Int) -> [String] {
        switch self {
        case .uniform, .loguniform, .uniformint: ["low", "high"]
        case .quniform, .qloguniform: ["low", "high", "q"]
        case .normal, .lognormal: ["mu", "sigma"]
        case .qnormal, .qlognormal: ["mu", "sigma", "q"]
        case .randint: count == 1 ? ["upper"] : ["low", "high"]
        case .float, .int: ["min", "max"]
        case .choice, .pchoice, .constant, .mapping, .list: []
        }
    }

    var isChoice: Bool { self == .choice || self == .pchoice }

    /// What is wrong with a type that is not one of ours.
    static func message(forUnknown name: String, among types: [ParameterType]) -> String {
        let names = types.map(\.rawValue)
        let nearest = nearest(to: name, among: types)
        let advice = nearest.map { "did you mean \"\($0)\"?" } ?? "the types are \(names.joined(separator: ", "))"
        return "there is no parameter type \(shown(name)); \(advice)"
    }

    /// The type that a word most probably means: other systems' words for ours, and misspellings.
    private static func nearest(to name: String, among types: [ParameterType]) -> String? {
        let word = name.lowercased().replacing("-", with: "").replacing("_", with: "")
        if let type = types.first(where: { $0.rawValue == word }) { return type.rawValue }
        let aliases: [String: ParameterType] = [
            "integer": .int, "intuniform": .int, "qrandint": .int, "double": .float, "real": .float,
            "categorical": .choice, "discrete": .choice, "select": .choice, "gridsearch": .choice,
            "gaussian": .normal, "randn": .normal, "loggaussian": .lognormal, "reciprocal": .loguniform,
            "const": .constant, "fixed": .constant, "dict": .mapping, "tuple": .list,
        ]
        if let type = aliases[word], types.contains(type) { return type.rawValue }
        return nearestName(to: name, among: types.map(\.rawValue))
    }

    /// `; did you mean "…"?` for a setting that this type does not have, or nothing.
    func advice(forKey key: String) -> String {
        let aliases: [String: [String]] = [
            "mean": ["mu"], "loc": ["mu", "low"], "std": ["sigma"], "stddev": ["sigma"], "sd": ["sigma"],
            "scale": ["sigma"], "lower": ["low", "min"], "start": ["low", "min"], "upper": ["high"],
            "end": ["high", "max"], "stop": ["high", "max"], "size": ["upper"], "quantum": ["q", "step"],
            "step": ["q"], "q": ["step"], "log_scale": ["log"], "choices": ["options"], "categories": ["options"],
            "p": ["probabilities"], "weights": ["probabilities"], "condition": ["when"], "name": ["label"],
        ]
        if let own = aliases[key]?.first(where: keys.contains) { return "; did you mean \"\(own)\"?" }
        // A setting of another type is no misspelling.
        return Self.tellingKeys.contains(key) ? "" : suggestionText(for: key, among: keys)
    }
}
