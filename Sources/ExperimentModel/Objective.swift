/// What an experiment optimises: a metric by name, and which way is better.
public struct Objective: Sendable, Hashable, Codable {
    /// Which way is better.
    public enum Goal: String, Sendable, Hashable, Codable, CaseIterable {
        case minimize, maximize
    }

    /// Which of a trial's reports is its value.
    public enum ValueRule: String, Sendable, Hashable, Codable, CaseIterable {
        case last, best
    }

    /// Name of the metric; names are case-sensitive.
    public var metric: String
    /// Which way is better.
    public var goal: Goal
    /// Which of a trial's reports is its value.
    public var valueRule: ValueRule

    /// The objective to optimise `metric`.
    public init(metric: String, goal: Goal, valueRule: ValueRule = .last) {
        self.metric = metric
        self.goal = goal
        self.valueRule = valueRule
    }

    enum CodingKeys: String, CodingKey {
        case metric, goal
        case valueRule = "value"
    }

    /// Reads the stored form; a document without `value` means the last report.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metric = try container.decode(String.self, forKey: .metric)
        goal = try container.decode(Goal.self, forKey: .goal)
        valueRule = try container.decodeIfPresent(ValueRule.self, forKey: .valueRule) ?? .last
    }

    /// The value to minimise: a maximised metric is negated. hyperopt's `result.loss`.
    public func loss(of value: Double) -> Double { goal == .minimize ? value : -value }

    /// Whether `value` is strictly better than `other`.
    public func isBetter(_ value: Double, than other: Double) -> Bool { loss(of: value) < loss(of: other) }
}
