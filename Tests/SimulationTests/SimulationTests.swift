import Simulation
import Testing

@Suite("Simulation", .timeLimit(.minutes(10)))
struct SimulationTests {
    /// Seeds of one test; `scripts/simulate` runs as many as are wanted.
    static let share: UInt64 = 75

    @Test("every promise holds whatever the seed does to servers, workers and store", arguments: UInt64(0)..<4)
    func seeds(part: UInt64) async {
        for seed in (part * Self.share + 1)...((part + 1) * Self.share) {
            let report = await SimulationThread.run(Simulation(seed: seed))
            #expect(report.findings.isEmpty, "scripts/simulate --seed \(seed)")
        }
    }

    /// Seeds that once found a mistake of the product.
    @Test(
        "a seed that once showed a mistake shows none",
        arguments: [
            // A promise whose reply was lost was made twice, beyond max_concurrent_trials.
            UInt64(87),
            // An experiment ended before max_duration, by the time that a reply was under way.
            189,
            // A plan was carried out to its end although a person had raised max_trials meanwhile.
            307,
        ]
    )
    func formerMistakes(seed: UInt64) async {
        let report = await SimulationThread.run(Simulation(seed: seed))
        #expect(report.findings.isEmpty)
    }

    @Test("a run with trouble meets the trouble: lost replies, dead workers, two leaders, results that come too late")
    func coverage() async {
        var faults: [String: Int] = [:]
        for seed in UInt64(1)...Self.share {
            faults.merge(await SimulationThread.run(Simulation(seed: seed)).faults, uniquingKeysWith: +)
        }
        for name in SimulationReport.faultNames {
            #expect(faults[name, default: 0] > 0, "never happened: \(name)")
        }
    }
}
