/// What an experiment optimises: a metric by name, and which way is better.
public struct Objective: Sendable, Hashable, Codable {
    /// Which way is better.
    public enum Goal: String, Sendable, Hashable, Codable, CaseIterable {
        case minimize, maximize
    }

    /// Name of the metric; names are case-sensitive.
    public var metric: String
    /// Which way is better.
    public var goal: Goal

    /// The objective to optimise `metric`.
    public init(metric: String, goal: Goal) {
        self.metric = metric
        self.goal = goal
    }

    /// The value to minimise: a maximised metric is negated. hyperopt's `result.loss`.
    public func loss(of value: Double) -> Double { goal == .minimize ? value : -value }

    /// Whether `value` is strictly better than `other`.
    public func isBetter(_ value: Double, than other: Double) -> Bool { loss(of: value) < loss(of: other) }
}
