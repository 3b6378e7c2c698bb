import Coordination
import ExperimentModel

/// Repeats that wait for their time, and trials that are not repeated since they take their workers down.
extension TrialStoreConformance {
    /// A delay that is over long after every check.
    private static let longDelay = 60.0
    /// A delay that a check waits for.
    private static let shortDelay = 0.2

    /// A piece of output of a trial's current attempt.
    static func word(of trial: Trial) -> LogChunk {
        LogChunk(trial: trial.id, attempt: trial.attempt, stream: .stdout, sequence: 0, bytes: Array("word\n".utf8))
    }

    static let repeatChecks: [TrialStoreConformance] = [
        TrialStoreConformance("running → new: a repeat waits by the store's clock, and nobody can claim it before") {
            store in
            let lead = try await running(store, trials: 2)
            let retries = RetryLimits(charges: [.failed: 2], firstDelaySeconds: longDelay)
            let first = try await claim(store, lead.id)
            let before = try await store.now()
            try expectEqual(try await store.finish(first, with: failure, retries: retries), .accepted(.new))
            let after = try await store.now()
            let waiting = try await read(store, first.id)
            let notBefore = try unwrap(waiting.notBefore, "the repeat does not wait")
            try expect(notBefore >= before + .seconds(longDelay), "it waits too short")
            try expect(notBefore <= after + .seconds(longDelay), "it waits too long")
            try expectEqual(waiting.state, .new)
            try expectEqual(waiting.owner, nil)
            try expectEqual(waiting.leaseUntil, nil)
            try expectEqual(waiting.charges, [.failed: 1])
            try expectEqual(waiting.version, first.version + 1)
            try expectEqual(waiting.attempts.map(\.outcome), [failure])
            let end = try unwrap(waiting.attempts.first?.endedAt, "the end has no time")
            try expectEqual(notBefore - end, .seconds(longDelay))
            // The next one is taken instead, and then there is none.
            try expectEqual(try await claim(store, lead.id).id.number, 2)
            let none = try await store.claimTrial(of: lead.id, by: worker("a"), host: host, lease: lease)
            try expectEqual(none, nil)
            // The reply to the result was lost: the same call is answered alike and changes nothing.
            try expectEqual(try await store.finish(first, with: failure, retries: retries), .accepted(.new))
            try expectEqual(try await read(store, first.id), waiting)
        },
        TrialStoreConformance(
            "a repeat is claimed when its time has come, as the next attempt with nothing of the wait"
        ) {
            store in
            let lead = try await running(store, trials: 1)
            let retries = RetryLimits(charges: [.failed: 3], firstDelaySeconds: shortDelay)
            for attempt in 1...3 {
                let claimed = try await claimWhenDue(store, lead.id)
                try expectEqual(claimed.attempt, attempt)
                try expectEqual(claimed.notBefore, nil)
                try expectEqual(claimed.attempts.map(\.number), Array(1...attempt))
                try expectEqual(
                    claimed.attempts.dropLast().map(\.outcome),
                    Array(repeating: failure, count: attempt - 1)
                )
                _ = try await store.finish(claimed, with: failure, retries: retries)
                let waiting = try await read(store, claimed.id)
                let end = try unwrap(waiting.attempts.last?.endedAt, "the end has no time")
                let wait = retries.delay(for: .failed, charged: attempt - 1)
                try expectEqual(waiting.notBefore.map { $0 - end }, wait)
            }
        },
        TrialStoreConformance("a lost attempt is repeated at once, the next time after a wait; a drain never waits") {
            store in
            let lead = try await running(store, trials: 1)
            let retries = RetryLimits(charges: [.lost: 2], firstDelaySeconds: longDelay)
            let first = try await claim(store, lead.id, lease: expired)
            try await store.appendLog([word(of: first)])
            try expectEqual(try await store.expireLeases(of: lead, retries: retries).map(\.notBefore), [nil])
            let drained = try await claim(store, lead.id)
            _ = try await store.finish(drained, with: AttemptOutcome(cause: .drained), retries: retries)
            _ = try await claim(store, lead.id, lease: expired)
            let lost = try unwrap(try await store.expireLeases(of: lead, retries: retries).first)
            try expectEqual(lost.charges, [.lost: 2])
            try expectEqual(lost.attempts.map(\.outcome?.cause), [.lost, .drained, .lost])
            try expectEqual(try unwrap(lost.notBefore) - (try unwrap(lost.attempts.last?.endedAt)), .seconds(longDelay))
            try expectEqual(try await read(store, lost.id), lost)
        },
        TrialStoreConformance("a trial that waits is cancelled with the others, and a person's retry ends the wait") {
            store in
            let lead = try await running(store, trials: 2)
            let retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: longDelay)
            for _ in 1...2 {
                _ = try await store.finish(try await claim(store, lead.id), with: failure, retries: retries)
            }
            let cancelled = try await store.cancelNewTrials(of: lead)
            try expectEqual(cancelled.map(\.state), [.cancelled, .cancelled])
            let retried = try unwrap(try await store.retryTrial(cancelled[0].id))
            try expectEqual(retried.notBefore, nil)
            try expectEqual(retried.charges, [:])
            try expectEqual(try await claim(store, lead.id).id, cancelled[0].id)
        },
        TrialStoreConformance("a watcher of work hears of a repeat with the time that it has to wait") { store in
            let lead = try await running(store, trials: 1)
            try await watching(store, .work) { events in
                let claimed = try await claim(store, lead.id)
                let retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: longDelay)
                _ = try await store.finish(claimed, with: failure, retries: retries)
                try await events.wait("the repeat") { $0.event == .delayed(.seconds(longDelay)) }
            }
        },
        TrialStoreConformance("a watcher for a leader hears of a repeat that waits") { store in
            let lead = try await running(store, trials: 1)
            try await watching(store, .lead) { events in
                let claimed = try await claim(store, lead.id)
                let retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: longDelay)
                _ = try await store.finish(claimed, with: failure, retries: retries)
                let waiting = try await read(store, claimed.id)
                try await events.wait("the repeat") { entry in
                    if case .change(let change) = entry.event { return change.version == waiting.version }
                    return entry.trial == waiting
                }
            }
        },
        TrialStoreConformance("a trial that two workers vanished with, and that never said a word, is not repeated") {
            store in
            let lead = try await running(store, trials: 1)
            for name in ["a", "b"] {
                _ = try await claim(store, lead.id, by: name, lease: expired)
                _ = try await store.expireLeases(of: lead, retries: RetryLimits())
            }
            let poison = try await read(store, TrialID(experiment: lead.id, number: 1))
            try expectEqual(poison.state, .failed)
            try expectEqual(poison.cause, .lost)
            try expectEqual(poison.charges, [.lost: 1])
            let message = try unwrap(poison.attempts.last?.outcome?.message)
            for name in ["a", "b"] {
                try expect(message.contains(worker(name).rawValue), "the message names no worker")
            }
            // A person may insist: then it counts anew.
            _ = try await store.retryTrial(poison.id)
            _ = try await claim(store, lead.id, by: "c", lease: expired)
            try expectEqual(try await store.expireLeases(of: lead, retries: RetryLimits()).map(\.state), [.new])
            _ = try await claim(store, lead.id, by: "d", lease: expired)
            try expectEqual(try await store.expireLeases(of: lead, retries: RetryLimits()).map(\.state), [.failed])
        },
        TrialStoreConformance("a word or a report of any attempt, or losses by one worker alone, are no sign of poison")
        { store in
            let lead = try await running(store, trials: 3)
            let retries = RetryLimits(firstDelaySeconds: 0)
            for speech in ["log", "report", "none"] {
                for name in speech == "none" ? ["a", "a"] : ["a", "b"] {
                    let claimed = try await claim(store, lead.id, by: name, lease: expired)
                    if name == "a", speech == "log" { try await store.appendLog([word(of: claimed)]) }
                    if name == "a", speech == "report" {
                        let id = claimed.id
                        try await store.record([
                            Observation(trial: id, attempt: 1, sequence: 0, metric: "loss", step: 0, value: 1)
                        ])
                    }
                    try expectEqual(try await store.expireLeases(of: lead, retries: retries).map(\.state), [.new])
                }
                // Out of the way of the next one.
                _ = try await store.finish(try await claim(store, lead.id), with: success, retries: retries)
            }
        },
    ]

    /// Claims a trial as soon as it can be.
    private static func claimWhenDue(_ store: any TrialStore, _ id: ExperimentID) async throws -> Trial {
        let number = TrialID(experiment: id, number: 1)
        if let notBefore = try await read(store, number).notBefore {
            // By the store's clock, which alone decides: a wait that is too short fails below.
            try await Task.sleep(for: max(.zero, notBefore - (try await store.now())) + .milliseconds(1))
        }
        return try await claim(store, id)
    }
}
