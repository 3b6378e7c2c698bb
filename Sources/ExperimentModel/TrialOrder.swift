/// What a leader tells the worker that holds a trial.
public enum TrialOrder: String, Sendable, Hashable, Codable {
    /// Stop it; it ends as cancelled.
    case cancel
}
