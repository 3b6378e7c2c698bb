public import ExperimentModel

/// Which experiments to read.
public struct ExperimentQuery: Sendable, Hashable {
    /// Only those of this name.
    public var name: String?
    /// Only those that have not ended.
    public var isUnfinishedOnly: Bool
    /// Only unfinished ones that nobody leads at the moment, by the store's clock.
    public var isLeaderlessOnly: Bool
    /// At most so many, the newest.
    public var newest: Int?

    /// All experiments unless narrowed.
    public init(
        name: String? = nil,
        isUnfinishedOnly: Bool = false,
        isLeaderlessOnly: Bool = false,
        newest: Int? = nil
    ) {
        self.name = name
        self.isUnfinishedOnly = isUnfinishedOnly
        self.isLeaderlessOnly = isLeaderlessOnly
        self.newest = newest
    }
}

/// Which trials of an experiment to read.
public struct TrialQuery: Sendable, Hashable {
    /// Only trials in these states, or with a number in ``orNumbers``; `nil` means all.
    public var states: Set<TrialState>?
    /// Trials to read whatever their state, beside those in ``states``.
    public var orNumbers: [Int]
    /// Beside those in ``states``, new trials that were given a time to wait for, be it over or not.
    public var orDelayed: Bool

    /// All trials unless narrowed.
    public init(states: Set<TrialState>? = nil, orNumbers: [Int] = [], orDelayed: Bool = false) {
        self.states = states
        self.orNumbers = orNumbers
        self.orDelayed = orDelayed
    }

    /// Every trial.
    public static let all = TrialQuery()

    /// One trial.
    public static func number(_ number: Int) -> TrialQuery { TrialQuery(states: [], orNumbers: [number]) }

    /// Trials that have no outcome yet, and the given ones.
    public static func open(and numbers: [Int] = []) -> TrialQuery {
        TrialQuery(states: [.new, .running], orNumbers: numbers)
    }
}
