import Coordination
import ExperimentModel
import Logging
import ResultSpool

/// Delivering results that wait on disk: of workers of this host that are gone, and such as the store refused before.
extension WorkerRuntime {
    /// How often the spool is looked at, within a lease: so a result of a worker that was killed is in time.
    static var looksPerLease: Int { 3 }

    /// What came of one try.
    enum Replay: Sendable, Equatable {
        /// It stands.
        case delivered
        /// The trial has gone on without it.
        case lost
        /// The store does not know the trial: it may be another one's.
        case unknown
        /// The store does not answer.
        case away
        /// The store does not take it now.
        case refused(String)
    }

    func tickReplays() async {
        while !Task.isCancelled, results != nil {
            replays.send()
            // Cancelling ends the sleep, and the condition ends the loop.
            try? await clock.sleep(for: settings.trialLease / Self.looksPerLease * options.jitter())
        }
    }

    func keepReplaying() async {
        guard let results else { return }
        for await _ in replays.stream where !isDraining && !outage.isAway {
            await replayAbandoned(results)
            await replayParked(results)
        }
    }

    func replayAbandoned(_ results: ResultSpool) async {
        for directory in await results.abandoned() {
            for file in directory.results {
                guard !isDraining, await replay(file, results) else { break }
            }
            await results.release(directory)
        }
    }

    /// - Returns: whether to go on with the next.
    private func replay(_ file: SpoolFile, _ results: ResultSpool) async -> Bool {
        let spooled: SpooledResult
        switch await results.read(file) {
        case .success(let found): spooled = found
        case .failure(.system(let path, let code)):
            sayOnce(file.path, "\(SpoolError.system(path: path, code: code)); this result is left where it is")
            return true
        case .failure(.newer(let form)):
            sayOnce(file.path, "\(file.path) is left where it is: \(SpoolError.newer(found: form))")
            return true
        case .failure(let error):
            let place = await results.setAside(file)
            logger.error("the result in \(file.path) cannot be read and is set aside as \(place): \(error)")
            return true
        }
        let name = "trial \(spooled.trial) attempt \(spooled.attempt)"
        switch await replay(spooled) {
        case .delivered:
            logger.info("delivered the result of \(name), which \(spooled.owner) had left on disk")
            await results.remove(file)
        case .lost:
            logger.warning("the result of \(name), left on disk by \(spooled.owner), comes too late and is dropped")
            await results.remove(file)
        case .unknown:
            sayOnce(file.path, "\(file.path) is of no trial of this store; it is left for a worker of its own store")
        case .away: return false
        case .refused(let reason):
            sayOnce(file.path, "the result of \(name) in \(file.path) is not taken by the store and stays: \(reason)")
        }
        return true
    }

    func replayParked(_ results: ResultSpool) async {
        for (id, attempt) in parked.sorted(by: { $0.key < $1.key }) {
            guard !isDraining else { return }
            guard let spooled = await results.result(of: id, attempt: attempt) else {
                parked[id] = nil
                continue
            }
            switch await replay(spooled) {
            case .delivered:
                logger.info("delivered the result of trial \(id) attempt \(attempt), which had been refused")
            case .lost: logger.warning("the result of trial \(id) attempt \(attempt) comes too late and is dropped")
            case .unknown: logger.warning("trial \(id) is gone; its result is dropped")
            case .refused: continue
            case .away: return
            }
            parked[id] = nil
            results.forget(id, attempt: attempt)
        }
    }

    /// Delivers a result in the name of the worker that has it; the fence of the store decides.
    func replay(_ spooled: SpooledResult) async -> Replay {
        do {
            guard var trial = try await store.trials(of: spooled.trial.experiment, .number(spooled.trial.number)).first
            else { return .unknown }
            var outcome = spooled.outcome
            if let complaint = try await keepArtifacts(of: trial, spooled.attempt, outcome) {
                outcome = outcome.adding(complaint)
            }
            // What the store has of the trial now, but claimed by whom the result is from.
            trial.owner = spooled.owner
            trial.attempt = spooled.attempt
            let answer = try await store.finish(trial, with: outcome, retries: spooled.retries)
            guard case .accepted = answer else { return .lost }
            if !spooled.observations.isEmpty { try await store.record(spooled.observations) }
            if !spooled.output.isEmpty { try await store.appendLog(spooled.output) }
            return .delivered
        } catch let error as TrialStoreError where error.isRetryable {
            outage.failed(error)
            return .away
        } catch {
            return .refused("\(error)")
        }
    }

    /// - Parameter key: what it is about.
    func sayOnce(_ key: String, _ text: String) {
        if saidOnce.insert(key).inserted { logger.warning("\(text)") }
    }
}
