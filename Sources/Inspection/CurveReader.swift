public import Coordination
public import ExperimentModel

/// Follows the reports of the objective by one attempt: reads what is new, keeps a ``CurveSketch``.
public struct CurveReader: Sendable {
    /// Reports that one question to the store brings.
    static let pageSize = 1000

    /// The trial.
    public let trial: TrialID
    /// The attempt.
    public let attempt: Int
    private let metric: String
    private var position: Int?
    /// What was read so far.
    public private(set) var curve: CurveSketch

    /// A reader that has read nothing yet.
    public init(_ trial: TrialID, attempt: Int, _ objective: Objective) {
        self.trial = trial
        self.attempt = attempt
        metric = objective.metric
        curve = CurveSketch(objective)
    }

    /// Reads what came since, at most so many pages of it.
    public mutating func readOn(_ store: any TrialStore, pages: Int = .max) async throws {
        for _ in 0..<max(0, pages) {
            let page = try await store.observations(
                of: trial,
                attempt: attempt,
                metric: metric,
                after: position,
                limit: Self.pageSize
            )
            for observation in page { curve.add(step: observation.step, value: observation.value) }
            position = page.last?.sequence ?? position
            if page.count < Self.pageSize { return }
        }
    }

    /// The whole curve of a trial's newest attempt; `nil` when it has none or has reported nothing.
    public static func curve(
        of trial: Trial,
        _ objective: Objective,
        in store: any TrialStore
    ) async throws -> CurveSketch? {
        guard trial.attempt > 0 else { return nil }
        var reader = CurveReader(trial.id, attempt: trial.attempt, objective)
        try await reader.readOn(store)
        return reader.curve.reports > 0 ? reader.curve : nil
    }
}
