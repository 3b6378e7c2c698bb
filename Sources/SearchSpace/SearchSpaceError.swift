/// What is wrong with a search space, or with values that were given for one.
public enum SearchSpaceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A label that cannot be stored.
    case invalidLabel(String, reason: String)
    /// A key that cannot be stored or passed to a trial; `path` leads to it.
    case invalidKey(path: String, reason: String)
    /// Two parameters of one label.
    case duplicateLabel(String)
    /// Two nodes reached by one path, such as a key `a.b` beside a key `b` inside `a`.
    case ambiguousPath(String)
    /// No value lies between the bounds.
    case emptyRange(label: String, low: String, high: String)
    /// A bound that the distribution cannot have.
    case invalidBound(label: String, reason: String)
    /// A step that makes no grid.
    case invalidStep(label: String, reason: String)
    /// A choice without options.
    case emptyChoice(label: String)
    /// Probabilities that do not belong to the options.
    case invalidProbabilities(label: String, reason: String)
    /// A constant that no trial can be given.
    case invalidConstant(path: String, reason: String)
    /// A condition on a parameter that does not exist.
    case unknownConditionLabel(label: String, other: String)
    /// A condition that asks for a value outside the other parameter's domain.
    case impossibleConditionValue(label: String, other: String, value: String)
    /// A condition that cannot be evaluated.
    case invalidCondition(label: String, reason: String)
    /// Parameters that are conditions of each other.
    case conditionCycle(labels: [String])
    /// More nesting than ``SearchSpace/maximumDepth``.
    case tooDeep(path: String)
    /// More parameters than ``SearchSpace/maximumParameters``.
    case tooManyParameters(count: Int)
    /// A space without any parameter.
    case noParameter
    /// A stored node that is not of the documented form.
    case malformed(path: String, reason: String)
    /// A grid over a space of infinitely many points.
    case infiniteSpace(labels: [String])
    /// An active label without a value.
    case missingValue(label: String)
    /// A value for a label that the space does not have.
    case unknownLabel(String)
    /// A value for a label that is not active with these values.
    case inactiveLabel(String)
    /// A value outside its parameter's domain.
    case outsideDomain(label: String, value: String, domain: String)
    /// Two different values for one label.
    case conflictingValues(label: String)
    /// An assignment that lacks a key, or has a wrong value for it; `path` leads to it.
    case mismatch(path: String, reason: String)

    /// The label of the parameter that is wrong, or `nil` when no single one is.
    public var label: String? {
        switch self {
        case .invalidLabel(let label, _), .duplicateLabel(let label), .emptyRange(let label, _, _),
            .invalidBound(let label, _), .invalidStep(let label, _), .emptyChoice(let label),
            .invalidProbabilities(let label, _), .unknownConditionLabel(let label, _),
            .impossibleConditionValue(let label, _, _),
            .invalidCondition(let label, _), .missingValue(let label), .unknownLabel(let label),
            .inactiveLabel(let label), .conflictingValues(let label),
            .outsideDomain(let label, _, _):
            label
        case .conditionCycle(let labels), .infiniteSpace(let labels): labels.first
        case .invalidKey, .ambiguousPath, .invalidConstant, .tooDeep, .tooManyParameters, .noParameter, .malformed,
            .mismatch:
            nil
        }
    }

    /// The path of the node that is wrong, where the error is about a node and not about a parameter.
    public var path: String? {
        switch self {
        case .invalidKey(let path, _), .ambiguousPath(let path), .invalidConstant(let path, _), .tooDeep(let path),
            .malformed(let path, _), .mismatch(let path, _):
            path
        default: nil
        }
    }

    /// Labels that a message names.
    private static let maximumListedLabels = 5

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .invalidLabel(let label, let reason): "the label \(quoted(label)) \(reason)"
        case .invalidKey(let path, let reason): "the key \(quoted(path)) \(reason)"
        case .duplicateLabel(let label):
            "two parameters have the label \(quoted(label)); give one of them a label of its own"
        case .ambiguousPath(let path): "two entries are reached as \(quoted(path)); rename one of the keys"
        case .emptyRange(let label, let low, let high):
            "\(quoted(label)) has an empty range: the lower bound (\(low)) must be below the upper bound (\(high))"
        case .invalidBound(let label, let reason), .invalidStep(let label, let reason): "\(quoted(label)): \(reason)"
        case .emptyChoice(let label): "the choice \(quoted(label)) has no options; give it at least one"
        case .invalidProbabilities(let label, let reason): "the choice \(quoted(label)) \(reason)"
        case .invalidConstant(let path, let reason): "\(quoted(path)): \(reason)"
        case .unknownConditionLabel(let label, let other):
            "the condition of \(quoted(label)) names \(quoted(other)), which is no parameter of this search space"
        case .impossibleConditionValue(let label, let other, let value):
            "the condition of \(quoted(label)) can never hold: \(quoted(other)) cannot be \(value)"
        case .invalidCondition(let label, let reason): "the condition of \(quoted(label)) \(reason)"
        case .conditionCycle(let labels):
            "the conditions of \(labels.map(quoted).joined(separator: ", ")) depend on each other; remove one of them"
        case .infiniteSpace(let labels):
            "\(labels.prefix(Self.maximumListedLabels).map(quoted).joined(separator: ", "))"
                + (labels.count > Self.maximumListedLabels
                    ? " and \(labels.count - Self.maximumListedLabels) others" : "")
                + (labels.count == 1 ? " has" : " have")
                + " infinitely many values, so there is no grid; give a step or a q, or use another sampler"
        case .tooDeep(let path):
            "\(quoted(path)) is nested more than \(SearchSpace.maximumDepth) levels deep; flatten the search space"
        case .tooManyParameters(let count):
            "the search space has \(count) parameters; at most \(SearchSpace.maximumParameters) are allowed"
        case .noParameter: "the search space has no parameter; add at least one"
        case .malformed(let path, let reason): "\(quoted(path)) in a stored search space \(reason)"
        case .missingValue(let label): "there is no value for the parameter \(quoted(label)); give it one"
        case .unknownLabel(let label): "the search space has no parameter \(quoted(label)); remove its value"
        case .inactiveLabel(let label):
            "the parameter \(quoted(label)) is not active with these values; remove its value"
        case .conflictingValues(let label):
            "the parameter \(quoted(label)) is given two different values; remove one of them"
        case .outsideDomain(let label, let value, let domain):
            "\(value) is no value of the parameter \(quoted(label)); it takes \(domain)"
        case .mismatch(let path, let reason): "\(quoted(path)) \(reason)"
        }
    }
}

/// Text from outside in quotation marks, with control characters escaped, so that a message stays one line.
func quoted(_ text: String) -> String { ParameterValue.string(text).json }
