import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Diagnosis

@Suite("Judging workers and experiments")
struct ContentsJudgementTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    private func worker(_ host: String, version: String = "1.0.0", only experiments: [ExperimentID] = []) -> Worker {
        Worker(
            id: WorkerID("\(host):1:0"),
            host: host,
            processID: 1,
            slots: 2,
            experiments: experiments,
            version: version
        )
    }

    private func experiment(_ id: String, _ state: ExperimentState, ledUntil: Int64?) throws -> Experiment {
        let definition = ExperimentDefinition(
            name: "digits",
            command: .shell("true"),
            searchSpace: try SearchSpace(root: [
                "x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1)))
            ]),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            limits: Limits(maxTrials: 1),
            workingDirectory: "/"
        )
        var experiment = Experiment(id: ExperimentID(id), definition: definition, createdAt: now)
        experiment.state = state
        experiment.lead = ledUntil.map { LeadRecord(leader: "l", leaseUntil: Timestamp(milliseconds: $0)) }
        return experiment
    }

    @Test("nothing there is nothing to judge")
    func empty() {
        let facts = ContentsFacts(now: now, workers: [], unfinished: [])
        #expect(WorkerJudgement.findings(facts, version: "1.0.0").map(\.level) == [.skip])
        #expect(ExperimentJudgement.findings(facts).map(\.level) == [.skip])
    }

    @Test("workers of another version, and those bound to nothing, are named")
    func workers() {
        let lost = ExperimentID("es0000000")
        let facts = ContentsFacts(
            now: now,
            workers: [worker("a"), worker("b", version: "0.9.0"), worker("c", only: [lost])],
            unknownExperiments: [lost],
            unfinished: []
        )
        let findings = WorkerJudgement.findings(facts, version: "1.0.0")
        #expect(findings.map(\.name) == ["live", "versions", "bound"])
        #expect(findings[0].detail == "3 workers with 6 slots on a, b, c")
        #expect(findings[1].detail.contains("0.9.0 on b (pid 1)"))
        #expect(findings[2].detail.contains("c (pid 1): es0000000"))
    }

    @Test("an experiment without leader or worker is told, unless it is paused")
    func experiments() throws {
        let facts = ContentsFacts(
            now: now,
            workers: [worker("a", only: [ExperimentID("es1")])],
            unfinished: [
                try experiment("es1", .running, ledUntil: now.milliseconds + 1),
                try experiment("es2", .running, ledUntil: now.milliseconds),
                try experiment("es3", .created, ledUntil: nil), try experiment("es4", .paused, ledUntil: nil),
            ]
        )
        let findings = ExperimentJudgement.findings(facts)
        #expect(findings.map(\.name) == ["unfinished", "leaderless", "unserved"])
        #expect(findings[0].detail == "4 experiments have not ended, 1 of them paused")
        #expect(findings[1].detail == "no server leads es2 (digits), es3 (digits), so no trial is made")
        #expect(findings[2].remedy == "hyperworker --count 2, or hyperserver run --resume es2")
    }

    @Test("failed trials are told by cause, as a warning where machines are to blame")
    func failures() throws {
        let experiment = try experiment("es1", .running, ledUntil: now.milliseconds + 1)
        func finding(_ causes: [TrialCause: Int]) -> Finding? {
            let facts = ContentsFacts(
                now: now,
                workers: [worker("a")],
                unfinished: [experiment],
                failures: [(experiment, causes)]
            )
            return ExperimentJudgement.findings(facts).first { $0.name == "failed" }
        }
        #expect(finding([.failed: 1, .noMetric: 2])?.level == .ok)
        #expect(finding([.failed: 3, .lost: 1])?.level == .warn && finding([.outOfMemory: 1])?.level == .warn)
        #expect(finding([.failed: 3, .lost: 1])?.detail == "trials failed: es1: 3 failed, 1 lost")
        #expect(finding([.lost: 1])?.remedy == "hyperserver trials es1 --dead")
    }

    @Test(
        "trials of a worker that is silent are told with what becomes of them",
        arguments: [(5000, "wait"), (-1, "leader")]
    )
    func silentWorkers(lease: Int64, word: String) {
        var trial = Trial(
            id: TrialID(experiment: ExperimentID("es1"), number: 1),
            suggestion: Suggestion(values: [:]),
            assignment: [:],
            createdAt: now
        )
        trial.state = .running
        trial.owner = WorkerID("gone:1:0")
        trial.leaseUntil = Timestamp(milliseconds: now.milliseconds + lease)
        let facts = ContentsFacts(now: now, workers: [worker("a")], unfinished: [], running: [trial])
        let finding = WorkerJudgement.findings(facts, version: "1.0.0").last
        #expect(finding?.name == "silent")
        #expect(finding?.remedy?.contains(word) == true)
    }

    @Test(
        "the program of a command, where it is known before it runs",
        arguments: [
            (Command.arguments(["python3", "t.py"]), "python3"), (.arguments(["{tool}"]), nil),
            (.shell("./t.sh {x}"), "./t.sh"),
            (.shell("cd /x && ./t.sh"), nil), (.shell("A=1 ./t.sh"), nil), (.shell("\"$HOME\"/t"), nil),
            (.shell("echo loss=1"), nil), (.arguments([]), nil),
        ] as [(Command, String?)]
    )
    func commands(command: Command, program: String?) {
        #expect(DefinitionExamination.program(of: command) == program)
    }
}
