import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Experiment")
struct ExperimentTests {
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func experiment() throws -> Experiment {
        let definition = ExperimentDefinition(
            name: "n",
            command: .shell("true"),
            searchSpace: try SearchSpace(root: [
                "x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1)))
            ]),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            limits: Limits(maxTrials: 1),
            workingDirectory: "/"
        )
        return Experiment(id: ExperimentID("es0000001"), definition: definition, createdAt: start)
    }

    @Test("active time begins at the first claim and leaves out pauses")
    func activeDuration() throws {
        var experiment = try experiment()
        #expect(experiment.activeDuration(at: start + .seconds(9)) == nil)
        experiment.startedAt = start
        #expect(experiment.activeDuration(at: start + .seconds(9)) == .seconds(9))
        experiment.pausedMilliseconds = 4000
        #expect(experiment.activeDuration(at: start + .seconds(9)) == .seconds(5))
        experiment.pausedAt = start + .seconds(7)
        #expect(experiment.activeDuration(at: start + .seconds(9)) == .seconds(3))
    }

    @Test("a maximised objective is negated for hyperopt, and better means larger")
    func objective() {
        let maximize = Objective(metric: "accuracy", goal: .maximize)
        #expect(maximize.loss(of: 0.5) == -0.5)
        #expect(maximize.isBetter(0.6, than: 0.5) && !maximize.isBetter(0.5, than: 0.5))
        let minimize = Objective(metric: "loss", goal: .minimize)
        #expect(minimize.loss(of: 0.5) == 0.5 && minimize.isBetter(0.4, than: 0.5))
    }

    @Test("ids of experiments and workers have their shape, and two draws differ")
    func identifiers() {
        var generator = SystemRandomNumberGenerator()
        let ids = (0..<100).map { _ in ExperimentID.random(using: &generator).rawValue }
        #expect(ids.allSatisfy { $0.count == 9 && $0.hasPrefix("es") })
        #expect(Set(ids).count == 100)
        let worker = WorkerID(host: "node", processID: 42, using: &generator).rawValue
        #expect(worker.hasPrefix("node:42:") && worker.count == "node:42:".count + 16)
    }
}
