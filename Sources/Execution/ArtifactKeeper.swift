public import ExperimentModel

/// Brings the files that an attempt left in its output directory to where people find them.
public protocol ArtifactKeeper: Sendable {
    /// Keeps the files of an attempt that has ended well; may be called again for the same attempt. Ends within a bounded time
    /// when the store is away, and when its task is cancelled.
    /// - Returns: why files are not kept and where they are, or `nil` when all that are wanted are kept.
    func keep(_ trial: TrialID, attempt: Int, _ rules: ArtifactRules) async -> String?
}
