/// What came of one simulation.
public struct SimulationReport: Sendable {
    /// The seed that replays it.
    public var seed: UInt64
    /// What is wrong; empty when everything held.
    public var findings: [String]
    /// What happened, if it was traced.
    public var trace: [String] = []
    /// How often each fault and each rare thing happened.
    public var faults: [String: Int] = [:]
    /// Virtual time from the beginning to the end.
    public var virtualDuration: Duration = .zero
    /// Pieces of work that were run.
    public var workDone = 0
    /// Trials that were made.
    public var trials = 0
    /// Attempts that were run.
    public var attempts = 0
    /// Equal for equal runs.
    public var digest: UInt64 = 0

    /// Names of everything that ``faults`` may count, in the order in which to show them.
    public static let faultNames = Fault.allCases.map(\.rawValue)
}
