public import ExperimentModel

/// Which trials a person wants to see, and in what order.
public struct TrialListing: Sendable, Hashable {
    /// What the list is ordered by.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        /// The number of the trial.
        case trial
        /// The objective, best first; trials without one come last.
        case value
    }

    /// Only trials in these states; `nil` means all.
    public var states: Set<TrialState>?
    /// The order.
    public var order: Order
    /// Only so many with the best objective, best first.
    public var best: Int?

    /// All trials by number, unless narrowed.
    public init(states: Set<TrialState>? = nil, order: Order = .trial, best: Int? = nil) {
        self.states = states
        self.order = order
        self.best = best
    }

    /// The trials that are wanted.
    /// - Parameter trials: by number.
    public func select(_ trials: [Trial], _ objective: Objective) -> [Trial] {
        let wanted = trials.filter { states?.contains($0.state) ?? true }
        guard order == .value || best != nil else { return wanted }
        func rank(_ trial: Trial) -> (Double, Int) {
            let value = trial.state == .done ? trial.value : nil
            return (value.map(objective.loss) ?? .infinity, trial.id.number)
        }
        let sorted = wanted.sorted { rank($0) < rank($1) }
        guard let best else { return sorted }
        return Array(sorted.filter { $0.state == .done && $0.value != nil }.prefix(best))
    }
}
