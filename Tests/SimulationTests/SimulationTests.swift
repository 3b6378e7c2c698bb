import Simulation
import Testing

@Suite("Simulation", .timeLimit(.minutes(10)))
struct SimulationTests {
    /// Seeds of one test; `scripts/simulate` runs as many as are wanted.
    static let share: UInt64 = 75

    /// What comes of several faults at once, less than once in so many seeds.
    private static let rare = [
        "trial given up as poison", "result of a lost attempt refused", "write of a deposed leader refused",
    ]

    @Test("every promise holds whatever the seed does to servers, workers and store", arguments: UInt64(0)..<4)
    func seeds(part: UInt64) async {
        for seed in (part * Self.share + 1)...((part + 1) * Self.share) {
            let report = await SimulationThread.run(Simulation(seed: seed))
            #expect(report.findings.isEmpty, "scripts/simulate --seed \(seed)")
        }
    }

    @Test("a run with trouble meets the trouble: lost replies, dead workers, two leaders, results that come too late")
    func coverage() async {
        var faults: [String: Int] = [:]
        for seed in UInt64(1)...Self.share {
            faults.merge(await SimulationThread.run(Simulation(seed: seed)).faults, uniquingKeysWith: +)
        }
        for name in SimulationReport.faultNames where !Self.rare.contains(name) {
            #expect(faults[name, default: 0] > 0, "never happened: \(name)")
        }
    }
}
