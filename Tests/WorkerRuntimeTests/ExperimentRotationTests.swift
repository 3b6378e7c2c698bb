import ExperimentModel
import Testing
import TuningTestKit

@testable import WorkerRuntime

@Suite("Experiment rotation")
struct ExperimentRotationTests {
    private func experiment(
        _ id: String,
        state: ExperimentState = .running,
        _ change: (inout ExperimentDefinition) -> Void = { _ in }
    ) throws -> Experiment {
        var definition = try TrialStoreConformance.definition()
        change(&definition)
        let created = Timestamp(milliseconds: 0)
        var experiment = Experiment(id: ExperimentID(id), definition: definition, createdAt: created)
        experiment.state = state
        return experiment
    }

    @Test("only running experiments that are allowed and not about to end are claimed from")
    func claimable() throws {
        var ending = try experiment("es4")
        ending.ending = ExperimentEnding(state: .cancelled, reason: .user)
        let all = [
            try experiment("es1"), try experiment("es2", state: .paused), try experiment("es3", state: .created),
            ending, try experiment("es5"),
        ]
        var rotation = ExperimentRotation()
        #expect(rotation.update(all, allowed: []) == [])
        #expect(rotation.candidates().map(\.rawValue) == ["es1", "es5"])
        _ = rotation.update(all, allowed: [ExperimentID("es5"), ExperimentID("es9")])
        #expect(rotation.candidates().map(\.rawValue) == ["es5"])
    }

    @Test("limits are those that were seen last")
    func limits() throws {
        var rotation = ExperimentRotation()
        var experiment = try experiment("es1")
        _ = rotation.update([experiment], allowed: [])
        experiment.limits.trialTimeoutSeconds = 7
        _ = rotation.update([experiment], allowed: [])
        #expect(rotation.entries[experiment.id]?.experiment.limits.trialTimeoutSeconds == 7)
    }

    @Test("an experiment that ended and is running again is claimed from again")
    func reopened() throws {
        var rotation = ExperimentRotation()
        let experiment = try experiment("es1")
        _ = rotation.update([experiment], allowed: [])
        rotation.served(experiment.id)
        _ = rotation.update([], allowed: [])
        #expect(rotation.candidates().isEmpty && rotation.entries.isEmpty)
        _ = rotation.update([experiment], allowed: [])
        #expect(rotation.candidates() == [experiment.id])
        #expect(rotation.entries[experiment.id] != nil)
    }

    @Test("a command that cannot be used is said once, and again when the experiment is reopened")
    func unusable() throws {
        var rotation = ExperimentRotation()
        let broken = try experiment("es1") { $0.command = .arguments(["t", "${{inputs.gone}}"]) }
        let fine = try experiment("es2")
        let first = rotation.update([broken, fine], allowed: [])
        #expect(first.count == 1 && first[0].contains("es1") && first[0].contains("names an input"))
        #expect(rotation.update([broken, fine], allowed: []) == [])
        #expect(rotation.candidates() == [fine.id])
        _ = rotation.update([fine], allowed: [])
        #expect(rotation.update([broken, fine], allowed: []).count == 1)
    }

    @Test("an experiment of higher priority has more turns")
    func priority() throws {
        var rotation = ExperimentRotation()
        let low = try experiment("es1")
        let high = try experiment("es2") { $0.priority = 1 }
        _ = rotation.update([low, high], allowed: [])
        var turns: [ExperimentID: Int] = [:]
        for _ in 0..<300 {
            let next = rotation.candidates()[0]
            turns[next, default: 0] += 1
            rotation.served(next)
            _ = rotation.update([low, high], allowed: [])
        }
        #expect(turns == [low.id: 100, high.id: 200])
    }
}
