import ExperimentModel

/// Judges the unfinished experiments of a store.
enum ExperimentJudgement {
    static func findings(_ facts: ContentsFacts) -> [Finding] {
        let count = facts.unfinished.count
        guard count > 0 else { return [Finding(.experiments, "unfinished", .skip, "none is waiting or running")] }
        // One that was paused waits for its owner, who needs neither leader nor worker for that.
        let active = facts.unfinished.filter { $0.state != .paused }
        let paused = count - active.count
        let noun = count == 1 ? "experiment has" : "experiments have"
        let rest = paused > 0 ? ", \(paused) of them paused" : ""
        var findings = [Finding(.experiments, "unfinished", .ok, "\(count) \(noun) not ended\(rest)")]
        if let finding = leaderless(active, now: facts.now) { findings.append(finding) }
        if let finding = unserved(active, facts.workers) { findings.append(finding) }
        if let finding = failed(facts.failures) { findings.append(finding) }
        return findings
    }

    /// Trials fail for reasons of their own; those that lost their worker or its memory tell of the machines.
    private static func failed(_ failures: [(experiment: Experiment, causes: [TrialCause: Int])]) -> Finding? {
        guard let first = failures.first else { return nil }
        let texts = failures.map { "\($0.experiment.id): \(TrialCause.summary(of: $0.causes))" }
        let isOfMachines = failures.contains { $0.causes[.lost] != nil || $0.causes[.outOfMemory] != nil }
        let remedy = "hyperserver trials \(first.experiment.id) --dead"
        let detail = "trials failed: \(ForeignText.list(texts))"
        return Finding(.experiments, "failed", isOfMachines ? .warn : .ok, detail, remedy: remedy)
    }

    private static func leaderless(_ experiments: [Experiment], now: Timestamp) -> Finding? {
        let alone = experiments.filter { experiment in experiment.lead.map { $0.leaseUntil <= now } ?? true }
        guard let first = alone.first else { return nil }
        let detail = "no server leads \(names(alone)), so no trial is made"
        let remedy = "hyperserver start, or hyperserver run --resume \(first.id)"
        return Finding(.experiments, "leaderless", .warn, detail, remedy: remedy)
    }

    private static func unserved(_ experiments: [Experiment], _ workers: [Worker]) -> Finding? {
        let waiting = experiments.filter { experiment in !workers.contains { $0.serves(experiment) } }
        guard let first = waiting.first else { return nil }
        let detail = "no worker serves \(names(waiting)), so no trial runs"
        let remedy = "hyperworker --count 2, or hyperserver run --resume \(first.id)"
        return Finding(.experiments, "unserved", .warn, detail, remedy: remedy)
    }

    private static func names(_ experiments: [Experiment]) -> String {
        ForeignText.list(experiments.map { "\($0.id) (\($0.definition.name))" })
    }
}
