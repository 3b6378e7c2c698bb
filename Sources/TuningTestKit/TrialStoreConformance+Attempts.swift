import Coordination
import ExperimentModel

extension TrialStoreConformance {
    static let claimChecks: [TrialStoreConformance] = [
        TrialStoreConformance(
            "a claim takes the lowest number, sets owner, attempt and lease, and reads the store's clock"
        ) {
            store in
            let lead = try await running(store, trials: 3)
            let before = try await store.now()
            let claimed = try await claim(store, lead.id)
            try expectEqual(claimed.id.number, 1)
            try expectEqual(claimed.state, .running)
            try expectEqual(claimed.owner, worker("a"))
            try expectEqual(claimed.attempt, 1)
            try expect(claimed.version > 0, "the version did not grow")
            let until = try unwrap(claimed.leaseUntil)
            try expect(until >= before + lease, "the lease is too short")
            try expectEqual(claimed.attempts.map(\.worker), [worker("a")])
            try expectEqual(claimed.attempts.map(\.host), [host])
            try expectEqual(try await read(store, claimed.id), claimed)
            try expectEqual(try await claim(store, lead.id).id.number, 2)
            try expectEqual(
                try await store.claimTrial(of: ExperimentID("es9999999"), by: worker("a"), host: host, lease: lease),
                nil
            )
        },
        TrialStoreConformance("16 concurrent claimers take each of 100 trials exactly once") { store in
            let lead = try await running(store, trials: 100)
            let claims = try await withThrowingTaskGroup(of: [Int].self) { group in
                for number in 0..<16 {
                    group.addTask {
                        var mine: [Int] = []
                        while let trial = try await store.claimTrial(
                            of: lead.id,
                            by: worker("w\(number)"),
                            host: host,
                            lease: lease
                        ) {
                            mine.append(trial.id.number)
                        }
                        return mine
                    }
                }
                return try await group.reduce(into: [Int]()) { $0 += $1 }
            }
            try expectEqual(claims.sorted(), Array(1...100))
        },
        TrialStoreConformance(
            "a renewal extends every lease of the worker, expired ones too, and returns attempts and orders"
        ) {
            store in
            let lead = try await running(store, trials: 3)
            let first = try await claim(store, lead.id, by: "a", lease: expired)
            let second = try await claim(store, lead.id, by: "a")
            let other = try await claim(store, lead.id, by: "b", lease: expired)
            try await store.orderRunningTrials(.cancel, of: lead)
            let held = try await store.renewLeases(of: worker("a"), lease: lease)
            try expectEqual(
                held.sorted { $0.id < $1.id },
                [first, second].map { HeldTrial(id: $0.id, attempt: 1, order: .cancel) }
            )
            let expiredNow = try await store.expireLeases(of: lead, retries: RetryLimits())
            try expectEqual(expiredNow.map(\.id), [other.id])
            try expectEqual(try await store.renewLeases(of: worker("c"), lease: lease), [])
        },
        TrialStoreConformance("a renewal leaves the version alone") { store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            _ = try await store.renewLeases(of: worker("a"), lease: lease)
            try expectEqual(try await read(store, claimed.id).version, claimed.version)
        },
    ]

    static let endChecks: [TrialStoreConformance] = [
        TrialStoreConformance("running → done: a result is accepted once, and again when its reply was lost") { store in
            let lead = try await running(store, trials: 1, goal: .maximize)
            let claimed = try await claim(store, lead.id)
            try expectEqual(try await store.finish(claimed, with: success, retries: RetryLimits()), .accepted(.done))
            try expectEqual(try await store.finish(claimed, with: success, retries: RetryLimits()), .accepted(.done))
            let done = try await read(store, claimed.id)
            try expectEqual(done.state, .done)
            try expectEqual(done.cause, .succeeded)
            try expectEqual(done.value, 0.25)
            try expectEqual(done.leaseUntil, nil)
            try expectEqual(done.attempts.count, 1)
            try expectEqual(done.attempts.first?.outcome, success)
            try expect(done.finishedAt != nil && done.attempts.first?.endedAt != nil, "the end has no time")
            try expectEqual(try await store.renewLeases(of: worker("a"), lease: lease), [])
        },
        TrialStoreConformance("running → error: a failure without charges left ends the trial") { store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            try expectEqual(try await store.finish(claimed, with: failure, retries: RetryLimits()), .accepted(.failed))
            let failed = try await read(store, claimed.id)
            try expectEqual(failed.state, .failed)
            try expectEqual(failed.cause, .failed)
            try expectEqual(failed.value, nil)
            try expectEqual(failed.attempts.first?.outcome, failure)
        },
        TrialStoreConformance("running → new: a failure with charges left is repeated as the next attempt") { store in
            let lead = try await running(store, trials: 1)
            let retries = RetryLimits(charges: [.failed: 1], firstDelaySeconds: 0)
            let first = try await claim(store, lead.id, by: "a")
            try expectEqual(try await store.finish(first, with: failure, retries: retries), .accepted(.new))
            let waiting = try await read(store, first.id)
            try expectEqual(waiting.owner, nil)
            try expectEqual(waiting.charges, [.failed: 1])
            let second = try await claim(store, lead.id, by: "b")
            try expectEqual(second.attempt, 2)
            try expectEqual(second.attempts.map(\.worker), [worker("a"), worker("b")])
            try expectEqual(try await store.finish(second, with: failure, retries: retries), .accepted(.failed))
        },
        TrialStoreConformance("running → new: a drained trial goes back free of charge") { store in
            let lead = try await running(store, trials: 1)
            for attempt in 1...3 {
                let claimed = try await claim(store, lead.id)
                try expectEqual(claimed.attempt, attempt)
                let drained = AttemptOutcome(cause: .drained)
                try expectEqual(try await store.finish(claimed, with: drained, retries: RetryLimits()), .accepted(.new))
            }
            try expectEqual(try await read(store, TrialID(experiment: lead.id, number: 1)).charges, [:])
        },
        TrialStoreConformance("running → new → error: a lost attempt is repeated three times, then it is a dead letter")
        {
            store in
            let lead = try await running(store, trials: 1)
            for attempt in 1...4 {
                let claimed = try await claim(store, lead.id, by: "w\(attempt)", lease: expired)
                // One that never says a word is poison sooner.
                try await store.appendLog([word(of: claimed)])
                let changed = try await store.expireLeases(of: lead, retries: RetryLimits(firstDelaySeconds: 0))
                try expectEqual(changed.map(\.state), [attempt < 4 ? .new : .failed])
            }
            let dead = try await read(store, TrialID(experiment: lead.id, number: 1))
            try expectEqual(dead.cause, .lost)
            try expectEqual(dead.attempts.compactMap(\.outcome?.cause), [.lost, .lost, .lost, .lost])
            try expectEqual(dead.charges, [.lost: 3])
        },
        TrialStoreConformance("a lease that runs is left alone") { store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            try expectEqual(try await store.expireLeases(of: lead, retries: RetryLimits()), [])
            try expectEqual(try await read(store, claimed.id), claimed)
        },
        TrialStoreConformance("a worker that wakes late is fenced: its result and renewal change nothing") { store in
            let lead = try await running(store, trials: 1)
            let late = try await claim(store, lead.id, by: "a", lease: expired)
            _ = try await store.expireLeases(of: lead, retries: RetryLimits())
            try expectEqual(try await store.finish(late, with: success, retries: RetryLimits()), .leaseLost)
            let next = try await claim(store, lead.id, by: "b")
            try expectEqual(try await store.finish(late, with: success, retries: RetryLimits()), .leaseLost)
            try expectEqual(try await store.renewLeases(of: worker("a"), lease: lease), [])
            try expectEqual(try await read(store, next.id), next)
            try expectEqual(try await store.finish(next, with: success, retries: RetryLimits()), .accepted(.done))
            try expectEqual(try await store.finish(late, with: failure, retries: RetryLimits()), .leaseLost)
            try expectEqual(try await read(store, next.id).state, .done)
        },
        TrialStoreConformance("the same worker's earlier attempt is fenced by the attempt's number") { store in
            let lead = try await running(store, trials: 1)
            let first = try await claim(store, lead.id, by: "a", lease: expired)
            _ = try await store.expireLeases(of: lead, retries: RetryLimits())
            let second = try await claim(store, lead.id, by: "a")
            try expectEqual(try await store.finish(first, with: success, retries: RetryLimits()), .leaseLost)
            try expectEqual(try await read(store, second.id), second)
        },
        TrialStoreConformance("new → cancelled, and running → cancelled by an order") { store in
            let lead = try await running(store, trials: 3)
            let claimed = try await claim(store, lead.id)
            let cancelled = try await store.cancelNewTrials(of: lead)
            try expectEqual(cancelled.map(\.id.number), [2, 3])
            try expectEqual(Set(cancelled.map(\.state)), [.cancelled])
            try expectEqual(Set(cancelled.map(\.cause)), [.cancelled])
            try await store.orderRunningTrials(.cancel, of: lead)
            let held = try await store.renewLeases(of: worker("a"), lease: lease)
            try expectEqual(held.map(\.order), [.cancel])
            let outcome = AttemptOutcome(cause: .cancelled)
            try expectEqual(
                try await store.finish(claimed, with: outcome, retries: RetryLimits()),
                .accepted(.cancelled)
            )
            try expectEqual(try await store.trialCounts(of: lead.id), [.cancelled: 3])
        },
        TrialStoreConformance("a trial under an order to cancel is not repeated, however its attempt ends") { store in
            let lead = try await running(store, trials: 3)
            let failing = try await claim(store, lead.id, by: "a")
            _ = try await claim(store, lead.id, by: "b", lease: expired)
            let finishing = try await claim(store, lead.id, by: "c")
            try await store.orderRunningTrials(.cancel, of: lead)
            let retries = RetryLimits(charges: [.failed: 5])
            try expectEqual(try await store.finish(failing, with: failure, retries: retries), .accepted(.cancelled))
            try expectEqual(try await store.expireLeases(of: lead, retries: retries).map(\.state), [.cancelled])
            // A finite objective that was already there is kept.
            try expectEqual(try await store.finish(finishing, with: success, retries: retries), .accepted(.done))
        },
        TrialStoreConformance("of 16 copies of one result sent at once, one is written") { store in
            let lead = try await running(store, trials: 1)
            let claimed = try await claim(store, lead.id)
            let answers = try await withThrowingTaskGroup(of: FinishResult.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await store.finish(claimed, with: success, retries: RetryLimits()) }
                }
                return try await group.reduce(into: Set<FinishResult>()) { $0.insert($1) }
            }
            try expectEqual(answers, [.accepted(.done)])
            try expectEqual(try await read(store, claimed.id).version, claimed.version + 1)
        },
    ]
}
