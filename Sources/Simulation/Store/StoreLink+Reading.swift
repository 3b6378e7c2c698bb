import Coordination
import ExperimentModel
import MemoryTrialStore

/// What neither servers nor workers ask while trials run; the link passes it on like everything else.
extension StoreLink {
    func trialCounts(of experiment: ExperimentID) async throws -> [TrialState: Int] {
        try await call(.read("trialCounts")) { await $0.memory.trialCounts(of: experiment) }
    }

    func trialCounts(of experiments: [ExperimentID]) async throws -> [ExperimentID: [TrialState: Int]] {
        try await call(.read("trialCounts")) { await $0.memory.trialCounts(of: experiments) }
    }

    func failureCauses(of experiment: ExperimentID) async throws -> [TrialCause: Int] {
        try await call(.read("failureCauses")) { try await $0.memory.failureCauses(of: experiment) }
    }

    func bestTrial(of experiment: ExperimentID) async throws -> Trial? {
        try await call(.read("bestTrial")) { await $0.memory.bestTrial(of: experiment) }
    }

    func bestTrials(of experiments: [ExperimentID]) async throws -> [ExperimentID: Trial] {
        try await call(.read("bestTrials")) { await $0.memory.bestTrials(of: experiments) }
    }

    func objectiveReports(
        of experiment: ExperimentID,
        after position: ReportPosition,
        limit: Int
    ) async throws -> [ObjectiveReport] {
        try await call(.read("reports of \(experiment)")) {
            await $0.memory.objectiveReports(of: experiment, after: position, limit: limit)
        }
    }

    func observations(of trial: TrialID) async throws -> [Observation] {
        try await call(.read("observations")) { await $0.memory.observations(of: trial) }
    }

    func observations(of experiment: ExperimentID, trials: ClosedRange<Int>) async throws -> [Observation] {
        try await call(.read("observations")) { await $0.memory.observations(of: experiment, trials: trials) }
    }

    func observations(
        of trial: TrialID,
        attempt: Int,
        metric: String,
        after: Int?,
        limit: Int
    ) async throws -> [Observation] {
        try await call(.read("observations")) {
            await $0.memory.observations(of: trial, attempt: attempt, metric: metric, after: after, limit: limit)
        }
    }

    func log(of trial: TrialID, attempt: Int) async throws -> [LogChunk] {
        try await call(.read("log")) { await $0.memory.log(of: trial, attempt: attempt) }
    }

    func lastLogChunks(
        of trial: TrialID,
        attempt: Int,
        stream: LogChunk.Stream,
        before: Int?,
        count: Int
    ) async throws -> [LogChunk] {
        try await call(.read("lastLogChunks")) {
            await $0.memory.lastLogChunks(of: trial, attempt: attempt, stream: stream, before: before, count: count)
        }
    }

    func logChunks(of experiment: ExperimentID, from places: [LogPosition], limit: Int) async throws -> [LogChunk] {
        try await call(.read("logChunks")) {
            await $0.memory.logChunks(of: experiment, from: places, limit: limit)
        }
    }

    func events(of experiment: ExperimentID, since: Timestamp?) async throws -> [ExperimentEvent] {
        try await call(.read("events")) { await $0.memory.events(of: experiment, since: since) }
    }

    func latestTrials(of experiment: ExperimentID, count: Int) async throws -> [Trial] {
        try await call(.read("latestTrials")) { await $0.memory.latestTrials(of: experiment, count: count) }
    }

    func triedPoints(of experiment: ExperimentID) async throws -> Set<String> {
        try await call(.read("triedPoints")) { await $0.memory.triedPoints(of: experiment) }
    }

    func knownWorkers() async throws -> [Worker] {
        try await call(.read("knownWorkers")) { await $0.memory.knownWorkers() }
    }

    func runningTrials() async throws -> [RunningTrial] {
        try await call(.read("runningTrials")) { await $0.memory.runningTrials() }
    }

    // MARK: Upkeep

    func trials(of experiment: ExperimentID, after number: Int, limit: Int) async throws -> [Trial] {
        try await call(.read("trials after \(number)")) {
            await $0.memory.trials(of: experiment, after: number, limit: limit)
        }
    }

    func markDeleted(_ experiment: Experiment) async throws -> Bool {
        try await call(.read("markDeleted")) { await $0.memory.markDeleted(experiment) }
    }

    func purge(_ id: ExperimentID) async throws {
        try await call(.read("purge")) { try await $0.memory.purge(id) }
    }

    func leftovers() async throws -> [ExperimentID] {
        try await call(.read("leftovers")) { await $0.memory.leftovers() }
    }

    func logBytes(of id: ExperimentID) async throws -> [Int: Int64] {
        try await call(.read("logBytes")) { await $0.memory.logBytes(of: id) }
    }

    func records(of id: ExperimentID) async throws -> StoredRecords {
        try await call(.read("records")) { await $0.memory.records(of: id) }
    }

    func removeLogs(of trial: TrialID, through attempt: Int, leaving note: String) async throws {
        try await call(.read("removeLogs")) {
            await $0.memory.removeLogs(of: trial, through: attempt, leaving: note)
        }
    }
}
