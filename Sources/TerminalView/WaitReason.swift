import ExperimentModel

/// Why an experiment does not go on, or slots stand idle: each reason with what to do about it.
enum WaitReason {
    /// How long new trials may wait while none runs before that is worth a word.
    static let patience: Duration = .seconds(3)

    /// Every reason that holds, the most important first; empty when all goes well.
    static func lines(_ snapshot: LiveSnapshot) -> [String] {
        if let silence = snapshot.silence {
            return ["the store has not answered for \(Wording.span(silence.inSeconds)); what is shown is older"]
        }
        let experiment = snapshot.experiment
        guard !experiment.state.isTerminal else { return [] }
        var lines: [String] = []
        if let ending = experiment.ending {
            let running = snapshot.count(.running)
            lines.append(
                "ending (\(ending.reason.rawValue))"
                    + (running > 0 ? ": \(Wording.count(running, "running trial")) must stop first" : "")
            )
        } else if experiment.state == .paused {
            let running = snapshot.count(.running)
            let rest = running > 0 ? " (\(Wording.count(running, "running trial")) may finish)" : ""
            lines.append("paused by user\(rest): `hyperserver resume \(experiment.id)`")
        }
        if let leaderless = leaderless(snapshot) { lines.append(leaderless) }
        if let silent = silentWorkers(snapshot) { lines.append(silent) }
        if experiment.ending == nil, experiment.state != .paused { lines += waiting(snapshot) }
        return lines
    }

    private static func leaderless(_ snapshot: LiveSnapshot) -> String? {
        let experiment = snapshot.experiment
        if snapshot.isOurRun { return nil }
        if let lead = experiment.lead, lead.leaseUntil > snapshot.readAt { return nil }
        // Nothing is to be done for it before it is resumed.
        if experiment.state == .paused, experiment.ending == nil, snapshot.count(.running) == 0 { return nil }
        return "no server leads it: `hyperserver start`, or `hyperserver run --resume \(experiment.id)`"
    }

    /// Running trials whose lease has not been renewed when it should have been.
    private static func silentWorkers(_ snapshot: LiveSnapshot) -> String? {
        // Renewals come every third of a lease.
        let latest = snapshot.readAt + snapshot.lease / 2
        let leases = snapshot.running.compactMap(\.trial.leaseUntil).filter { $0 < latest }
        guard let last = leases.max() else { return nil }
        let (subject, verb) = leases.count == 1 ? ("a running trial", "is") : ("\(leases.count) running trials", "are")
        let rest = Wording.span(max(0, (last - snapshot.now).inSeconds))
        return "no sign from the worker of \(subject), which \(verb) taken from it in \(rest)"
    }

    private static func waiting(_ snapshot: LiveSnapshot) -> [String] {
        let (new, running) = (snapshot.count(.new), snapshot.count(.running))
        let limits = snapshot.experiment.limits
        let subject = new > 0 ? "\(Wording.count(new, "new trial")) \(new == 1 ? "waits" : "wait"): " : ""
        if snapshot.serving.isEmpty {
            if snapshot.isOurRun { return ["\(subject)no worker has started yet"] }
            let others = snapshot.workers.count
            guard others > 0 else { return ["\(subject)no live worker (`hyperworker --count 2` starts one)"] }
            let draining = snapshot.workers.filter(\.isDraining).count
            let which =
                draining == others ? "draining" : draining > 0 ? "of other experiments or draining" : "of others"
            return ["\(subject)no live worker serves it (\(others) \(which))"]
        }
        let idle = snapshot.slots - running
        guard idle > 0 else { return [] }
        let slots = "\(idle) of \(Wording.count(snapshot.slots, "slot")) idle"
        if let most = limits.maxConcurrentTrials, new + running >= most, running > 0 {
            return ["\(slots): max_concurrent_trials is \(most)"]
        }
        if new == 0, running > 0, let most = limits.maxTrials, snapshot.experiment.nextTrial > most {
            return ["\(slots): no further trial begins, max_trials is \(most)"]
        }
        if let standstill = snapshot.standstill, standstill >= patience {
            return ["\(subject)workers have been busy elsewhere for \(Wording.span(standstill.inSeconds))"]
        }
        return []
    }
}
