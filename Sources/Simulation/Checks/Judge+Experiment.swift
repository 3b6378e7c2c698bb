import Coordination
import ExperimentModel

/// What must hold of an experiment from one call to the next.
extension Judge {
    func look(
        from record: Record,
        to new: Experiment,
        after call: StoreCall,
        from node: SimulatedNode,
        _ answer: any Sendable,
        now: Timestamp,
        _ next: inout Record
    ) {
        let old = record.experiment
        let name = "experiment \(new.id)"
        if new.definition.name != old.definition.name { fail("\(name): its definition changed") }
        if new.revision < old.revision { fail("\(name): revision went from \(old.revision) to \(new.revision)") }
        lookAtLead(old, new, call, node, answer, now: now, &next)
        lookAtPromises(record, new, call)
        lookAtState(old, new, call)
        if case .change(.decide(let ending), _) = call, old.ending == nil, new.ending == ending {
            lookAtDecision(ending, record, new, now: latest.value)
        }
        if case .change(.finish, _) = call, new.state.isTerminal, !old.state.isTerminal {
            let open = record.trials.values.count { !$0.state.isTerminal }
            if open > 0 { fail("\(name) ended while \(open) trials have no outcome") }
            if record.trials.count != new.nextTrial - 1 {
                fail("\(name) ended with \(record.trials.count) of \(new.nextTrial - 1) promised trials")
            }
        }
        if case .replaceLimits = call, new.limits != old.limits {
            let most = new.limits.maxTrials ?? .max
            if most < new.nextTrial - 1 { next.promisedBeforeLowering = new.nextTrial - 1 }
        } else if new.limits != old.limits {
            fail("\(name): limits changed by \(call.text)")
        }
        if case .retry(let trial) = call, trial.experiment == new.id { next.retried.insert(trial.number) }
        for number in new.retrying { next.retried.insert(number) }
        if old.state.isTerminal, !new.state.isTerminal { counts.add(.experimentReopened) }
    }

    private func lookAtLead(
        _ old: Experiment,
        _ new: Experiment,
        _ call: StoreCall,
        _ node: SimulatedNode,
        _ answer: any Sendable,
        now: Timestamp,
        _ next: inout Record
    ) {
        if case .takeLead(_, let leader) = call, let lead = answer as? Lead {
            if lead.epoch != old.epoch + 1 { fail("\(new.id): epoch \(lead.epoch) follows epoch \(old.epoch)") }
            if let earlier = old.lead, earlier.leader != leader, earlier.leaseUntil > now {
                fail("\(new.id): \(leader) took the lead while that of \(earlier.leader) lasted")
            }
            if let earlier = next.leaders[old.epoch], earlier != node.index {
                counts.add(.leadChanged)
                if old.lead != nil { counts.add(.twoLeaders) }
            }
            if next.leaders.updateValue(node.index, forKey: lead.epoch) != nil {
                fail("\(new.id): epoch \(lead.epoch) was given away twice")
            }
        } else if new.epoch != old.epoch {
            fail("\(new.id): epoch changed by \(call.text)")
        }
        if let lead = call.lead {
            if lead.epoch != new.epoch { fail("\(new.id): epoch \(new.epoch), and yet: \(call.text)") }
            if next.leaders[lead.epoch] != node.index {
                fail("\(new.id): \(node.name) writes in an epoch of another: \(call.text)")
            }
        }
    }

    private func lookAtPromises(_ record: Record, _ new: Experiment, _ call: StoreCall) {
        let old = record.experiment
        guard new.nextTrial != old.nextTrial else { return }
        guard case .reserve = call, new.nextTrial > old.nextTrial else {
            return fail("\(new.id): next trial went from \(old.nextTrial) to \(new.nextTrial) by \(call.text)")
        }
        if let most = new.limits.maxTrials, new.nextTrial - 1 > most {
            fail("\(new.id): \(new.nextTrial - 1) trials promised, max_trials is \(most)")
        }
        if new.ending != nil { fail("\(new.id): trials promised although its end is decided") }
        if let most = new.limits.maxConcurrentTrials {
            let ended = record.trials.values.count { $0.state.isTerminal }
            let open = new.nextTrial - 1 - ended
            if open > most { fail("\(new.id): \(open) trials open or promised, max_concurrent_trials is \(most)") }
        }
    }

    /// The limit that a leader gives as the reason is reached, as the store knows it and not only as the leader does.
    private func lookAtDecision(_ ending: ExperimentEnding, _ record: Record, _ new: Experiment, now: Timestamp) {
        let open = record.trials.values.count { !$0.state.isTerminal }
        let promised = new.nextTrial - 1
        switch ending.reason {
        case .maxTrials, .spaceExhausted:
            if open > 0 || record.trials.count != promised {
                fail("\(new.id) is to end for \(ending.reason.rawValue) while trials are open")
            }
            if ending.reason == .maxTrials, let most = new.limits.maxTrials, promised < most {
                fail("\(new.id) is to end after \(promised) trials, max_trials is \(most)")
            }
        case .maxDuration:
            guard let limit = new.limits.maxDuration, let active = new.activeDuration(at: now) else { break }
            if active < limit { fail("\(new.id) is to end after \(active), max_duration is \(limit)") }
        case .goalReached:
            let objective = new.definition.objective
            let best = record.trials.values.compactMap { $0.value.map(objective.loss) }.min()
            if let goal = new.limits.goalValue, best ?? .infinity > objective.loss(of: goal) {
                fail("\(new.id) is to end for a goal that no trial reached")
            }
        case .tooManyFailures, .failFast:
            if !record.trials.values.contains(where: { $0.state == .failed }) {
                fail("\(new.id) is to end for failures that nobody had")
            }
        case .user, .invalidDefinition: fail("\(new.id): a server ends it for \(ending.reason.rawValue)")
        }
    }

    private func lookAtState(_ old: Experiment, _ new: Experiment, _ call: StoreCall) {
        if old.state != new.state {
            let isRight =
                switch (call, old.state, new.state) {
                case (.change(.begin, _), .created, .running): true
                case (.setPaused(_, true), .created, .paused), (.setPaused(_, true), .running, .paused): true
                case (.setPaused(_, false), .paused, .running): true
                case (.change(.finish, _), _, let end): !old.state.isTerminal && end == new.ending?.state
                case (.replaceLimits, _, .running), (.retry, _, .running): old.state.isTerminal
                default: false
                }
            if !isRight {
                fail("\(new.id) went from \(old.state.rawValue) to \(new.state.rawValue) by \(call.text)")
            }
        }
        guard old.ending != new.ending else { return }
        switch (call, old.ending, new.ending) {
        case (.requestEnd, nil, _), (.change(.decide, _), nil, _): break
        case (_, _, nil) where old.state.isTerminal && !new.state.isTerminal: break
        default: fail("\(new.id): its decided end was changed by \(call.text)")
        }
    }
}
