public import Coordination
public import ExperimentModel

extension MemoryTrialStore {
    /// After this a worker that said nothing more is forgotten.
    static let workerExpiry: Duration = .seconds(3600)

    /// Keeps an event, once.
    func note(_ noted: NotedEvent?) {
        guard let noted, records[noted.experiment]?.eventKeys.insert(noted.key).inserted == true else { return }
        records[noted.experiment]?.events.append(noted.event(at: clock()))
    }

    /// See `TrialStore`.
    public func events(of experiment: ExperimentID, since: Timestamp?) -> [ExperimentEvent] {
        let events = (records[experiment]?.events ?? []).filter { event in since.map { event.at >= $0 } ?? true }
        let sorted = events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        return sorted.map(\.element).suffix(NotedEvent.largestCount)
    }

    /// See `TrialStore`.
    public func latestTrials(of experiment: ExperimentID, count: Int) -> [Trial] {
        guard count > 0, let trials = records[experiment]?.trials.values else { return [] }
        let latest = trials.sorted { ($0.touchedAt, $0.id.number) > ($1.touchedAt, $1.id.number) }
        return latest.prefix(count).sorted { $0.id < $1.id }
    }

    /// See `TrialStore`.
    public func observations(of experiment: ExperimentID, trials: ClosedRange<Int>) -> [Observation] {
        let numbers = Set(storedObservations.keys.map(\.trial).filter { $0.experiment == experiment }.map(\.number))
        return numbers.filter(trials.contains).sorted().flatMap {
            observations(of: TrialID(experiment: experiment, number: $0))
        }
    }

    /// See `TrialStore`.
    public func triedPoints(of experiment: ExperimentID) -> Set<String> {
        Set(
            (records[experiment]?.trials.values.map(\.origin) ?? []).compactMap { origin in
                if case .enqueued(let id) = origin { id } else { nil }
            }
        )
    }

    /// See `TrialStore`.
    public func lastLogChunks(
        of trial: TrialID,
        attempt: Int,
        stream: LogChunk.Stream,
        before: Int?,
        count: Int
    ) -> [LogChunk] {
        let found = log(of: trial, attempt: attempt).filter { $0.stream == stream && $0.sequence < before ?? .max }
        return found.suffix(max(0, count))
    }

    /// See `TrialStore`.
    public func knownWorkers() -> [Worker] { liveWorkers(within: Self.workerExpiry) }

    /// See `TrialStore`.
    public func runningTrials() -> [RunningTrial] {
        records.values.flatMap { record in record.runningNumbers.compactMap { record.trials[$0] } }
            .compactMap { trial in
                trial.owner.map { owner in
                    RunningTrial(
                        id: trial.id,
                        attempt: trial.attempt,
                        worker: owner,
                        claimedAt: trial.attempts.last?.claimedAt,
                        leaseUntil: trial.leaseUntil
                    )
                }
            }
            .sorted { $0.id < $1.id }
    }

    /// See `TrialStore`.
    public func logChunks(of experiment: ExperimentID, from places: [LogPosition], limit: Int) -> [LogChunk] {
        struct Output: Hashable {
            var trial: Int
            var attempt: Int
            var stream: LogChunk.Stream
        }
        var wanted: [Output: Int] = [:]
        for place in places {
            let output = Output(trial: place.trial, attempt: place.attempt, stream: place.stream)
            wanted[output] = min(wanted[output] ?? place.next, place.next)
        }
        let found = storedLog.values.filter { chunk in
            let output = Output(trial: chunk.trial.number, attempt: chunk.attempt, stream: chunk.stream)
            guard chunk.trial.experiment == experiment, let next = wanted[output] else { return false }
            return chunk.sequence >= next
        }
        .sorted {
            ($0.trial.number, $0.attempt, $0.stream.rawValue, $0.sequence)
                < ($1.trial.number, $1.attempt, $1.stream.rawValue, $1.sequence)
        }
        return Array(found.prefix(max(0, limit)))
    }

    /// See `TrialStore`.
    public func trialCounts(of experiments: [ExperimentID]) -> [ExperimentID: [TrialState: Int]] {
        var counts: [ExperimentID: [TrialState: Int]] = [:]
        for id in experiments {
            let found = trialCounts(of: id)
            if !found.isEmpty { counts[id] = found }
        }
        return counts
    }

    /// See `TrialStore`.
    public func bestTrials(of experiments: [ExperimentID]) -> [ExperimentID: Trial] {
        var best: [ExperimentID: Trial] = [:]
        for id in experiments { best[id] = bestTrial(of: id) }
        return best
    }
}
