import Coordination
import Execution
import ExperimentModel
import Logging

/// A slot: claims a trial, runs it, claims the next.
extension WorkerRuntime {
    func serve(_ slot: Int) async {
        while !isDraining, !Task.isCancelled {
            let seen = generation
            let share: GPUShare?
            do { share = try takeDevices(slot) } catch {
                await restForDevices(slot)
                continue
            }
            let claimed = await claim(after: seen)
            if claimed == nil { share?.release() }
            if let (trial, entry) = claimed {
                // Where there was one trial there may be more: the next idle slot looks, and so on.
                if isSweeping { idle.wakeOne() }
                let result = await run(trial, entry, gpus: share?.devices)
                share?.release()
                await rest(slot, after: result, of: trial)
            } else {
                await waitForWork(slot, after: seen)
            }
        }
    }

    /// - Parameter seen: the signs of work so far: whoever finds nothing after them ends the sweep.
    func claim(after seen: Int) async -> (Trial, ExperimentRotation.Entry)? {
        do {
            try await refreshRotation()
            for id in rotation.candidates() where !isDraining {
                guard let entry = rotation.entries[id], mayClaim(of: entry.experiment) else { continue }
                let asked = momentOfCall()
                guard let claimed = try await claimTrial(of: id) else { continue }
                if case .stop(let id, let reason) = board.claimed(claimed.id, attempt: claimed.attempt) {
                    stop(id, reason)
                }
                leases.claimed(
                    claimed.id,
                    attempt: claimed.attempt,
                    LeaseTerms(entry.experiment.definition),
                    askedAt: asked
                )
                rotation.served(id)
                return (claimed, entry)
            }
            hasFoundNoWork = true
            // What is being read may be worth a claim, and the slot that reads it has to let the others know.
            if seen == generation, !isRotationStale, !isRefreshing, isSweeping {
                isSweeping = false
                await askForRepeats()
            }
        } catch {
            note(error)
            isSweeping = true
            // The claim may have taken effect without our knowing; a renewal tells.
            renewals.send()
        }
        return nil
    }

    /// - Returns: `nil` also for a trial that was given back before this reply came: another worker may run it by now.
    private func claimTrial(of id: ExperimentID) async throws -> Trial? {
        claimsUnderWay += 1
        defer {
            claimsUnderWay -= 1
            if claimsUnderWay == 0 { board.noClaimIsUnderWay() }
        }
        let claimed = try await store.claimTrial(
            of: id,
            by: worker.id,
            host: worker.host,
            lease: settings.trialLease
        )
        return claimed.flatMap { board.isGivenBack($0.id, attempt: $0.attempt) ? nil : $0 }
    }

    func refreshRotation() async throws {
        guard isRotationStale, !isRefreshing else { return }
        isRefreshing = true
        isRotationStale = false
        defer { isRefreshing = false }
        do {
            let experiments = try await store.experiments(ExperimentQuery(isUnfinishedOnly: true))
            for complaint in rotation.update(experiments, allowed: options.experiments) { logger.error("\(complaint)") }
            await findRuntimeIfNeeded()
        } catch {
            isRotationStale = true
            throw error
        }
    }

    func waitForWork(_ slot: Int, after seen: Int) async {
        guard seen == generation, !isDraining, !Task.isCancelled else { return }
        await idle.wait(slot)
    }

    func signalWork() {
        generation += 1
        idle.wakeOne()
    }
}
