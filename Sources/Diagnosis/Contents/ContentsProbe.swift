import Coordination
import ExperimentModel

/// Looks at the workers and experiments of a store through the calls that everybody uses.
struct ContentsProbe: Sendable {
    /// Unfinished experiments whose running trials are looked at.
    static let largestExperimentCount = 50

    let store: any TrialStore
    let settings: CoordinationSettings
    let version: String

    /// One check for all of it, since the same reads serve both areas.
    var checks: [Check] {
        [
            Check(.workers, "live", limit: .seconds(10)) {
                do {
                    let facts = try await read()
                    return WorkerJudgement.findings(facts, version: version) + ExperimentJudgement.findings(facts)
                } catch {
                    let (detail, remedy) = Advice.split("\(error)")
                    return [Finding(.workers, "live", .warn, detail, remedy: remedy)]
                }
            }
        ]
    }

    private func read() async throws -> ContentsFacts {
        let now = try await store.now()
        let unfinished = try await store.experiments(ExperimentQuery(isUnfinishedOnly: true))
        let workers = try await store.liveWorkers(within: settings.trialLease)
        var facts = ContentsFacts(now: now, workers: workers, unfinished: unfinished)
        for id in Set(workers.flatMap(\.experiments)) where try await store.experiment(id) == nil {
            facts.unknownExperiments.insert(id)
        }
        for experiment in unfinished.suffix(Self.largestExperimentCount) {
            facts.running += try await store.trials(of: experiment.id, TrialQuery(states: [.running]))
            let failures = try await store.failureCauses(of: experiment.id)
            if !failures.isEmpty { facts.failures.append((experiment, failures)) }
        }
        return facts
    }
}

/// What is in the store at one moment.
struct ContentsFacts: Sendable {
    /// By the database's clock.
    var now: Timestamp
    /// Workers that have renewed lately.
    var workers: [Worker]
    /// Experiments that workers are bound to and that do not exist.
    var unknownExperiments: Set<ExperimentID> = []
    /// Experiments that have not ended.
    var unfinished: [Experiment]
    /// Trials of those that somebody holds.
    var running: [Trial] = []
    /// Those with failed trials, and why these failed.
    var failures: [(experiment: Experiment, causes: [TrialCause: Int])] = []
}
