public import ExperimentModel

/// Which trials a person wants to see, and in what order.
public struct TrialListing: Sendable, Hashable {
    /// What the list is ordered by.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        /// The number of the trial.
        case trial
        /// The objective, best first; trials without one come last.
        case value
        /// Why it ended: by itself, then stopped early, then failed ones by cause, then cancelled, then those that have not ended.
        case cause
    }

    /// Only trials in these states; `nil` means all.
    public var states: Set<TrialState>?
    /// Also trials with these causes; `nil` means none beside ``states``.
    public var causes: Set<TrialCause>?
    /// The order.
    public var order: Order
    /// Only so many with the best objective, best first.
    public var best: Int?

    /// All trials by number, unless narrowed.
    public init(
        states: Set<TrialState>? = nil,
        causes: Set<TrialCause>? = nil,
        order: Order = .trial,
        best: Int? = nil
    ) {
        self.states = states
        self.causes = causes
        self.order = order
        self.best = best
    }

    /// The states that the wanted trials can be in; `nil` means any.
    public var storeStates: Set<TrialState>? {
        guard states != nil || causes != nil else { return nil }
        let others: Set<TrialState> = (causes ?? []).isEmpty ? [] : [.done, .failed, .cancelled]
        return (states ?? []).union(others)
    }

    /// The trials that are wanted.
    /// - Parameter trials: by number.
    public func select(_ trials: [Trial], _ objective: Objective) -> [Trial] {
        let wanted = trials.filter(isWanted)
        if order == .cause, best == nil { return wanted.sorted { Self.causeRank($0) < Self.causeRank($1) } }
        guard order == .value || best != nil else { return wanted }
        func rank(_ trial: Trial) -> (Double, Int) {
            let value = trial.state == .done ? trial.value : nil
            return (value.map(objective.loss) ?? .infinity, trial.id.number)
        }
        let sorted = wanted.sorted { rank($0) < rank($1) }
        guard let best else { return sorted }
        return Array(sorted.filter { $0.state == .done && $0.value != nil }.prefix(best))
    }

    private func isWanted(_ trial: Trial) -> Bool {
        guard states != nil || causes != nil else { return true }
        let hasCause = trial.cause.map { causes?.contains($0) ?? false } ?? false
        return hasCause || states?.contains(trial.state) ?? false
    }

    private static func causeRank(_ trial: Trial) -> (Int, String, Int, Int) {
        let group =
            switch trial.cause {
            case .succeeded: 0
            case .stoppedEarly: 1
            case .cancelled: 3
            case nil: 4
            default: 2
            }
        // The one that came furthest first.
        let interval = trial.endingStop?.interval ?? 0
        return (group, trial.cause?.rawValue ?? "", -interval, trial.id.number)
    }
}
