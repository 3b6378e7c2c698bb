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
