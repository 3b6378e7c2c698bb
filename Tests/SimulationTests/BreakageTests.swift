import Simulation
import Testing

/// A judge that cannot fail proves nothing.
@Suite("Rules broken on purpose", .timeLimit(.minutes(10)))
struct BreakageTests {
    /// Seeds within which a broken rule must be noticed.
    static let patience: UInt64 = 250

    @Test("each broken rule of the store is noticed", arguments: Breakage.allCases)
    func isNoticed(breakage: Breakage) async {
        for seed in UInt64(1)...Self.patience {
            let report = await SimulationThread.run(Simulation(seed: seed, breakage: breakage))
            if !report.findings.isEmpty { return }
        }
        Issue.record("nobody noticed that \(breakage.meaning)")
    }
}
