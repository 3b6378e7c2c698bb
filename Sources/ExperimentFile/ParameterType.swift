import SearchSpace

/// The words for kinds of parameters, and what each may be given.
enum ParameterType: String, CaseIterable {
    case uniform, loguniform, float, int, choice, constant, mapping, list

    /// The settings of a mapping of this type, beside `type`.
    var keys: [String] {
        let bounds = Self.lowerBoundKeys + Self.upperBoundKeys
        return switch self {
        case .uniform, .loguniform: ["label", "when"] + bounds
        case .float, .int: ["label", "when", "log", "step"] + bounds
        case .choice: ["label", "when"] + Self.optionKeys
        case .constant: ["value"]
        case .mapping: ["entries"]
        case .list: ["items"]
        }
    }

    static let lowerBoundKeys = ["low", "min", "min_value"]
    static let upperBoundKeys = ["high", "max", "max_value"]
    static let optionKeys = ["options", "values"]
    /// Settings by which a mapping without a type is seen to lack one.
    static let tellingKeys = Set(lowerBoundKeys + upperBoundKeys + optionKeys + ["log", "step"])

    /// Types that people use in expressions.
    static let callable: [ParameterType] = [.uniform, .loguniform, .float, .int, .choice]

    /// hyperopt's other distributions, and what comes nearest to each.
    static let unsupported: [String: String] = [
        "randint": "use {type: int, min: …, max: …}, whose bounds are both included",
        "uniformint": "use {type: int, min: …, max: …}",
        "quniform": "use {type: float, min: …, max: …, step: …} or {type: int, …}",
        "qloguniform": "use {type: float, min: …, max: …, log: true, step: …} or {type: int, …, log: true}",
        "normal": "use uniform(low, high)",
        "qnormal": "use {type: float, min: …, max: …, step: …}",
        "lognormal": "use loguniform(low, high)",
        "qlognormal": "use {type: float, min: …, max: …, log: true, step: …}",
        "pchoice": "use choice, which gives every option the same probability",
    ]

    /// What is wrong with a type that is not one of ours.
    static func message(forUnknown name: String, among types: [ParameterType]) -> String {
        if let advice = unsupported[name] {
            return "the type \(shown(name)) is not supported by this version yet; \(advice)"
        }
        let aliases = ["integer": "int", "double": "float", "categorical": "choice", "log_uniform": "loguniform"]
        let names = types.map(\.rawValue)
        let nearest = aliases[name.lowercased()] ?? nearestName(to: name, among: names + unsupported.keys.sorted())
        let advice = nearest.map { "did you mean \"\($0)\"?" } ?? "the types are \(names.joined(separator: ", "))"
        return "there is no parameter type \(shown(name)); \(advice)"
    }
}
