public import SearchSpace

/// Proposes the assignments of an experiment.
///
/// A sampler is a function of its search space, its seed and the history that it is given: equal arguments give equal
/// suggestions, in any process. It keeps no state that shows, so a server may be replaced at any moment.
public protocol Sampler: Sendable {
    /// Whether suggestions depend on results; if not, trials may be prepared ahead at no loss.
    var learnsFromResults: Bool { get }

    /// The suggestion for one trial, whose number counts from 1.
    ///
    /// - Parameter history: the other trials, also those that were suggested a moment ago (as pending ones).
    /// - Throws: when there is none, as ``remaining(history:)`` tells beforehand.
    func suggest(trial: Int, history: TrialHistory) throws -> Suggestion

    /// Suggestions that are left before the search space is exhausted; `nil` when there is no end to them.
    func remaining(history: TrialHistory) -> Int?
}
