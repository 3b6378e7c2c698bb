/// One dimension of a search space.
public struct Parameter: Sendable, Hashable {
    /// Unique name of the dimension in its space; stored in `misc.vals`. It may differ from the key under which a trial sees it.
    public var label: String
    /// The values that it can take, and with what probability.
    public var domain: ParameterDomain
    /// When the parameter is active; `nil` means whenever the node that holds it is.
    public var condition: ParameterCondition?

    /// A parameter; ``SearchSpace/init(root:)`` checks it.
    public init(label: String, domain: ParameterDomain, condition: ParameterCondition? = nil) {
        self.label = label
        self.domain = domain
        self.condition = condition
    }
}

/// The set of values of one parameter and their distribution.
public enum ParameterDomain: Sendable, Hashable {
    /// U(low, high), a double.
    case uniform(low: Double, high: Double)
    /// exp(U(low, high)), a double; the bounds are natural logarithms, as in hyperopt and Azure.
    case logUniform(low: Double, high: Double)
    /// A double between plain bounds, both inclusive; `step` quantises from `min`; `isLog` draws uniformly in the logarithm.
    case float(min: Double, max: Double, isLog: Bool, step: Double?)
    /// A whole number between plain bounds, both inclusive; `step` counts from `min`.
    case integer(min: Int64, max: Int64, isLog: Bool, step: Int64?)
    /// One of several options, each a value or a structure that holds further parameters.
    case choice([SpaceNode])
}

/// `when: {other: value or [values]}`: every named parameter must be active with one of its values.
public struct ParameterCondition: Sendable, Hashable {
    /// One required parameter and the values that satisfy it.
    public struct Clause: Sendable, Hashable {
        /// The label of the other parameter.
        public var label: String
        /// The resolved values that satisfy the clause (option values for a choice, not indices).
        public var values: [ParameterValue]

        /// A clause on another parameter.
        public init(label: String, values: [ParameterValue]) {
            self.label = label
            self.values = values
        }
    }

    /// All must hold.
    public var clauses: [Clause]

    /// A condition of the given clauses.
    public init(clauses: [Clause]) { self.clauses = clauses }
}
