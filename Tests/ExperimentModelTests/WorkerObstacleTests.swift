import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("What keeps a worker from an experiment")
struct WorkerObstacleTests {
    private let id = ExperimentID("es0000001")

    private func definition(_ change: (inout ExperimentDefinition) -> Void = { _ in }) throws -> ExperimentDefinition {
        var definition = ExperimentDefinition(
            name: "x",
            command: .arguments(["true"]),
            searchSpace: try SearchSpace(root: [
                "x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1)))
            ]),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            limits: Limits(maxTrials: 1),
            workingDirectory: "/"
        )
        change(&definition)
        return definition
    }

    private func worker(_ change: (inout Worker) -> Void = { _ in }) -> Worker {
        var worker = Worker(id: WorkerID("w"), host: "h", processID: 1, slots: 1, version: "1")
        change(&worker)
        return worker
    }

    @Test("labels must be there with the value that is required; others do no harm")
    func labels() throws {
        let required = try definition { $0.requiredLabels = ["machine": "K80", "zone": "a"] }
        #expect(worker().obstacle(to: id, required) == .labels(["machine": "K80", "zone": "a"]))
        let other = worker { $0.labels = ["machine": "V100", "zone": "a"] }
        #expect(other.obstacle(to: id, required) == .labels(["machine": "K80"]))
        let fit = worker { $0.labels = ["machine": "K80", "zone": "a", "more": "1"] }
        #expect(fit.obstacle(to: id, required) == nil)
        #expect(fit.obstacle(to: id, try definition()) == nil)
    }

    @Test("an image needs an engine, or a worker that was told to go without")
    func containers() throws {
        let contained = try definition { $0.container = ContainerSpecification(source: .image("python")) }
        #expect(worker().obstacle(to: id, contained) == .noContainerEngine)
        for runtime in TrialRuntime.allCases {
            #expect(worker { $0.runtime = runtime }.obstacle(to: id, contained) == nil)
        }
        #expect(worker().obstacle(to: id, try definition()) == nil)
    }

    @Test("secrets are needed by name, those of the registry too")
    func secrets() throws {
        let secret = try definition {
            $0.secretEnvironment = ["TOKEN", "GHCR"]
            $0.container = ContainerSpecification(source: .image("python"), registryAuth: "GHCR")
        }
        #expect(secret.secretNames == ["GHCR", "TOKEN"])
        let poor = worker {
            $0.runtime = .podman
            $0.secrets = ["GHCR"]
        }
        #expect(poor.obstacle(to: id, secret) == .secrets(["TOKEN"]))
        let rich = worker {
            $0.runtime = .podman
            $0.secrets = ["GHCR", "TOKEN"]
        }
        #expect(rich.obstacle(to: id, secret) == nil)
    }

    @Test("who leaves or serves others is told so first")
    func order() throws {
        let required = try definition { $0.requiredLabels = ["a": "b"] }
        #expect(worker { $0.isDraining = true }.obstacle(to: id, required) == .leaving)
        #expect(worker { $0.experiments = [ExperimentID("es0000002")] }.obstacle(to: id, required) == .servesOthers)
        #expect(worker { $0.experiments = [id] }.obstacle(to: id, required) == .labels(["a": "b"]))
    }
}
