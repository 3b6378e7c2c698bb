import Coordination
import ExperimentModel
import SearchSpace

/// What must hold of every trial from one call to the next.
extension Judge {
    func look(
        at trials: [Trial],
        in next: inout Record,
        before record: Record,
        after call: StoreCall,
        _ answer: any Sendable,
        now: Timestamp
    ) {
        var missing = record.trials.count
        for trial in trials {
            if let known = record.trials[trial.id.number] {
                missing -= 1
                if known.state.isTerminal, trial.state == .new {
                    next.retriedAfter[trial.id.number] = known.attempt
                }
                // The experiment ended meanwhile, and the wish with it.
                if known.state == .new, trial.state == .cancelled { next.retriedAfter[trial.id.number] = nil }
                look(from: known, to: trial, in: next, after: call, now: now)
            } else {
                lookAtNew(trial, in: next, after: call)
            }
            next.trials[trial.id.number] = trial
        }
        if missing > 0 { fail("\(next.experiment.id): \(missing) trials are gone after \(call.text)") }
        if case .finish(let claimed, let outcome) = call { lookAtAnswer(claimed, outcome, answer, in: &next) }
        if case .insert = call { lookAtGrid(next) }
    }

    private func lookAtNew(_ trial: Trial, in record: Record, after call: StoreCall) {
        guard case .insert = call else { return fail("trial \(trial.id) came into being by \(call.text)") }
        if !(1..<record.experiment.nextTrial).contains(trial.id.number) {
            fail("trial \(trial.id) was inserted, and only \(record.experiment.nextTrial - 1) are promised")
        }
        if trial.state != .new, trial.state != .cancelled {
            fail("trial \(trial.id) was inserted in state \(trial.state.name)")
        }
    }

    private func look(from old: Trial, to new: Trial, in record: Record, after call: StoreCall, now: Timestamp) {
        let name = "trial \(new.id)"
        if new.version == old.version {
            let isSame =
                old.state == new.state && old.attempt == new.attempt && old.owner == new.owner
                && old.order == new.order && old.value == new.value && old.attempts.count == new.attempts.count
            if !isSame { fail("\(name) changed without a new version by \(call.text)") }
            return
        }
        if new.version < old.version { fail("\(name): version went from \(old.version) to \(new.version)") }
        if new.assignment != old.assignment || new.suggestion != old.suggestion || new.origin != old.origin {
            fail("\(name): its assignment changed by \(call.text)")
        }
        if new.attempt < old.attempt { fail("\(name): attempt went from \(old.attempt) to \(new.attempt)") }
        for (before, after) in zip(old.attempts, new.attempts) where before.outcome != nil && before != after {
            fail("\(name): attempt \(before.number) had ended and changed by \(call.text)")
        }
        let retries = record.experiment.definition.retries
        for (cause, count) in new.charges where count > retries.allowed(for: cause) {
            fail("\(name): charged \(count) times for \(cause.rawValue), allowed is \(retries.allowed(for: cause))")
        }
        lookAtStep(from: old, to: new, after: call, now: now)
    }

    /// One arrow of the diagram in docs/state-machines.md, taken by a call that may take it.
    private func lookAtStep(from old: Trial, to new: Trial, after call: StoreCall, now: Timestamp) {
        let name = "trial \(new.id)"
        let step = "from \(old.state.name) to \(new.state.name) by \(call.text)"
        switch (call, old.state, new.state) {
        case (.claim(_, let worker), .new, .running):
            if new.owner != worker || new.attempt != old.attempt + 1 { fail("\(name) was claimed, but not as asked") }
            if let due = old.notBefore, due > now { fail("\(name) was claimed before it was due") }
        case (.finish(let claimed, let outcome), .running, _) where claimed.id == new.id:
            if claimed.attempt != old.attempt || claimed.owner != old.owner {
                fail("\(name): a result of attempt \(claimed.attempt) was taken for attempt \(old.attempt)")
            }
            lookAtEnd(from: old, to: new)
            lookAtValue(of: new, outcome)
        case (.expire, .running, _):
            counts.add(.leaseExpired)
            if let end = old.leaseUntil, end > now { fail("\(name): attempt \(old.attempt) expired before its time") }
            lookAtEnd(from: old, to: new)
            if old.standingStop != nil, new.state == .new { fail("\(name) is tried again, and was to be stopped") }
        case (.cancelNew, .new, .cancelled): break
        case (.order, .running, .running):
            if let before = old.order, new.order.map({ $0 <= before }) ?? true {
                fail("\(name): an order was replaced by one that is no stronger, by \(call.text)")
            }
        case (.stop(let lead, let stops), .running, .running) where lead.id == new.id.experiment:
            lookAtStop(from: old, to: new, stops[new.id.number])
        case (.retry(let id), .failed, .new) where id == new.id, (.retry(let id), .cancelled, .new) where id == new.id:
            break
        case (.carryOutRetries, .failed, .new), (.carryOutRetries, .cancelled, .new): break
        default: fail("\(name) went \(step)")
        }
    }

    /// The end of an attempt: the trial has its outcome, or is back in the queue for a charge or after a drain.
    private func lookAtEnd(from old: Trial, to new: Trial) {
        let name = "trial \(new.id)"
        guard let outcome = new.attempts.last?.outcome else { return fail("\(name): an attempt ended without outcome") }
        switch new.state {
        case .done:
            if !(new.value?.isFinite ?? false) { fail("\(name) is done without an objective") }
        case .new:
            let expected = outcome.cause == .drained ? 0 : 1
            let charged = new.charges[outcome.cause, default: 0] - old.charges[outcome.cause, default: 0]
            if charged != expected {
                fail("\(name): \(charged) charges for an attempt that ended as \(outcome.cause.rawValue)")
            }
            if new.notBefore != nil { counts.add(.trialDelayed) }
        case .failed:
            if outcome.cause == .lost, new.isPoisonUnlessHeard { counts.add(.trialPoisoned) }
        case .cancelled: break
        case .running: fail("\(name) runs on after the end of its attempt")
        }
    }

    /// The stored value is the one that this attempt produced.
    private func lookAtValue(of trial: Trial, _ outcome: AttemptOutcome) {
        guard trial.state == .done else { return }
        let executions = journal.executions(of: trial.id, attempt: trial.attempt)
        if executions.count != 1 {
            fail("trial \(trial.id): attempt \(trial.attempt) was executed \(executions.count) times")
        }
        if executions.last?.value != trial.value {
            let produced = executions.last?.value.map { "\($0)" } ?? "none"
            fail("trial \(trial.id): value \(trial.value.map { "\($0)" } ?? "none"), its attempt produced \(produced)")
        }
    }

    /// What is answered as accepted is there.
    private func lookAtAnswer(
        _ claimed: Trial,
        _ outcome: AttemptOutcome,
        _ answer: any Sendable,
        in next: inout Record
    ) {
        guard case .accepted = answer as? FinishResult else { return }
        let stored = next.trials[claimed.id.number]?.attempts.first { $0.number == claimed.attempt }?.outcome
        let id = AttemptID(trial: claimed.id, attempt: claimed.attempt)
        if stored != outcome.settled {
            fail("trial \(claimed.id): attempt \(claimed.attempt) was answered as accepted and is not what is stored")
        }
        if let earlier = next.accepted.updateValue(outcome, forKey: id), earlier != outcome {
            fail("trial \(claimed.id): two results of attempt \(claimed.attempt) were accepted")
        }
    }

    /// A grid has no point twice, unless somebody wanted it.
    private func lookAtGrid(_ record: Record) {
        let definition = record.experiment.definition
        guard definition.sampler.kind == .grid else { return }
        var seen = Set(definition.initial.map(definition.searchSpace.canonical))
        for (number, trial) in record.trials.sorted(by: { $0.key < $1.key })
        where trial.origin == .sampler && trial.state != .cancelled && !record.retried.contains(number) {
            if !seen.insert(definition.searchSpace.canonical(trial.suggestion)).inserted {
                fail("trial \(trial.id) is a point of the grid that another trial has")
            }
        }
    }
}
