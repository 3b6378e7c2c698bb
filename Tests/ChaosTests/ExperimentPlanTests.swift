import Chaos
import ExperimentFile
import ExperimentModel
import Testing

@Suite("The experiments of a chaos run")
struct ExperimentPlanTests {
    @Test("the file of every kind can be read, has as many trials as it says, and is the same for the same seed")
    func readable() throws {
        let plan = ExperimentPlan(seed: 3, trialProgram: "/bin/trial", journal: "/tmp/journal")
        for (index, kind) in ExperimentPlan.Kind.allCases.enumerated() {
            let item = plan.item(index, kind)
            #expect(item.kind == kind)
            let definition = try ExperimentFile.read(
                text: item.text,
                fileName: "chaos.yaml",
                directory: "/",
                defaultSeed: 1
            ).definition
            #expect(definition.limits.maxTrials == item.kind.trials)
            #expect(!definition.limits.isFailFast)
            #expect(definition.isExclusive == (item.kind == .exclusive))
            #expect(definition.retries.allowed(for: .lost) == 100)
            let again = ExperimentPlan(seed: 3, trialProgram: "/bin/trial", journal: "/tmp/journal").item(index, kind)
            #expect(again == item)
        }
    }
}
