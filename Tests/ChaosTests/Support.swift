import Chaos
import ExperimentModel
import OrderedCollections
import SearchSpace

/// Evidence of a run in which all went well: two trials, one of them repeated after its worker was killed.
struct Evidence {
    static let experiment = ExperimentID("es1a2b3c4")
    static let first = WorkerID("node:12:00000000000000ff")
    static let second = WorkerID("node:13:00000000000000aa")

    static func trial(_ number: Int) -> TrialID { TrialID(experiment: experiment, number: number) }

    static func assignment(_ number: Int) -> Assignment { ["x": .integer(Int64(number)), "y": .integer(2)] }

    static func definition(sampler: SamplerSpecification.Kind) throws -> ExperimentDefinition {
        ExperimentDefinition(
            name: "chaos",
            command: .arguments(["trial"]),
            searchSpace: try SearchSpace(root: [
                "x": .parameter(Parameter(label: "x", domain: .integer(min: 1, max: 8, isLog: false, step: 1))),
                "y": .parameter(Parameter(label: "y", domain: .integer(min: 1, max: 6, isLog: false, step: 1))),
            ]),
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: sampler, seed: 1),
            limits: Limits(maxTrials: 2),
            workingDirectory: "/"
        )
    }

    static func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    static func outcome(_ number: Int) -> AttemptOutcome {
        AttemptOutcome(cause: .succeeded, value: TrialFunction.value(of: assignment(number)))
    }

    /// A trial that is new.
    static func fresh(_ number: Int) -> Trial {
        Trial(
            id: trial(number),
            suggestion: Suggestion(values: ["x": .integer(Int64(number)), "y": .integer(2)]),
            assignment: assignment(number),
            createdAt: time(0)
        )
    }

    /// A trial that was done by its first attempt.
    static func done(_ number: Int) -> Trial {
        var trial = fresh(number)
        trial.claim(by: first, host: "node", at: time(10), lease: .seconds(5))
        trial.end(with: outcome(number), retries: RetryLimits(), at: time(20))
        return trial
    }

    /// A trial that was done by its second attempt.
    static func repeated(_ number: Int) -> Trial {
        var trial = fresh(number)
        trial.claim(by: first, host: "node", at: time(10), lease: .seconds(5))
        trial.end(with: .lost(worker: first), retries: RetryLimits(), at: time(6000))
        trial.claim(by: second, host: "node", at: time(6001), lease: .seconds(5))
        trial.end(with: outcome(number), retries: RetryLimits(), at: time(6100))
        return trial
    }

    static func line(
        _ kind: JournalEntry.Kind,
        _ number: Int,
        attempt: Int,
        by worker: WorkerID,
        process: Int32,
        at nanoseconds: Int64,
        result: JournalEntry.Result? = nil
    ) -> JournalEntry {
        JournalEntry(
            kind,
            trial: trial(number),
            attempt: attempt,
            worker: worker,
            process: process,
            nanoseconds: nanoseconds,
            assignmentHash: TrialFunction.hash(of: assignment(number)) ?? 0,
            result: result
        )
    }

    static func end(_ number: Int) -> JournalEntry.Result {
        .value(TrialFunction.value(of: assignment(number)) ?? .nan)
    }

    static func lines() -> [JournalEntry] {
        [
            line(.start, 1, attempt: 1, by: first, process: 100, at: 10),
            line(.end, 1, attempt: 1, by: first, process: 100, at: 19, result: end(1)),
            line(.start, 2, attempt: 1, by: first, process: 101, at: 11),
            line(.alive, 2, attempt: 1, by: first, process: 101, at: 50),
            line(.start, 2, attempt: 2, by: second, process: 102, at: 6002),
            line(.end, 2, attempt: 2, by: second, process: 102, at: 6090, result: end(2)),
        ]
    }

    static func led(_ epoch: Int, at milliseconds: Int64) -> ExperimentEvent {
        ExperimentEvent(.led, at: time(milliseconds), worker: "node:1:0", message: "epoch \(epoch)")
    }

    /// Everything as it is to be.
    static func fine(sampler: SamplerSpecification.Kind = .random, isExclusive: Bool = false) throws -> ChaosEvidence {
        var experiment = Experiment(
            id: experiment,
            definition: try definition(sampler: sampler),
            createdAt: time(0)
        )
        experiment.state = .completed
        experiment.epoch = 2
        return ChaosEvidence(
            records: [
                ChaosEvidence.Record(
                    experiment: experiment,
                    trials: [done(1), repeated(2)],
                    events: [led(1, at: 1), led(2, at: 5000)],
                    isExclusive: isExclusive
                )
            ],
            journal: Journal(lines()),
            acceptances: [
                trial(1): [.init(attempt: 1, value: TrialFunction.value(of: assignment(1)))],
                trial(2): [.init(attempt: 2, value: TrialFunction.value(of: assignment(2)))],
            ]
        )
    }
}
