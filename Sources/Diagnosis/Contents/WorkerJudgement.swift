import ExperimentModel

/// Judges the workers of a store.
enum WorkerJudgement {
    static func findings(_ facts: ContentsFacts, version: String) -> [Finding] {
        var findings = [live(facts)]
        if !facts.workers.isEmpty { findings.append(versions(facts, version: version)) }
        if let lost = unknownExperiments(facts) { findings.append(lost) }
        if let silent = silent(facts) { findings.append(silent) }
        return findings
    }

    private static func live(_ facts: ContentsFacts) -> Finding {
        guard !facts.workers.isEmpty else {
            return Finding(.workers, "live", .skip, "no worker is running", remedy: "hyperworker --count 2")
        }
        let slots = facts.workers.reduce(0) { $0 + $1.slots }
        let hosts = Set(facts.workers.map(\.host)).sorted()
        let draining = facts.workers.count { $0.isLeaving }
        let rest = draining > 0 ? ", \(draining) of them leaving" : ""
        let workers = facts.workers.count == 1 ? "1 worker" : "\(facts.workers.count) workers"
        return Finding(
            .workers,
            "live",
            .ok,
            "\(workers) with \(slots) \(slots == 1 ? "slot" : "slots") on \(ForeignText.list(hosts))\(rest)"
        )
    }

    private static func versions(_ facts: ContentsFacts, version: String) -> Finding {
        let others = facts.workers.filter { $0.version != version }
        guard !others.isEmpty else { return Finding(.workers, "versions", .ok, "all are version \(version)") }
        let names = ForeignText.list(others.map { "\($0.version) on \($0.host) (pid \($0.processID))" })
        let remedy = "install version \(version) there and restart these workers"
        return Finding(
            .workers,
            "versions",
            .warn,
            "this is version \(version), but there are \(names)",
            remedy: remedy
        )
    }

    private static func unknownExperiments(_ facts: ContentsFacts) -> Finding? {
        let bound = facts.workers.filter {
            !$0.experiments.isEmpty && facts.unknownExperiments.isSuperset(of: $0.experiments)
        }
        guard !bound.isEmpty else { return nil }
        let names = ForeignText.list(
            bound.map { "\($0.host) (pid \($0.processID)): \($0.experiments.map(\.rawValue).joined(separator: " "))" }
        )
        let remedy = "restart them with --experiment ID of an experiment in `hyperserver list`"
        return Finding(.workers, "bound", .warn, "bound to experiments that do not exist: \(names)", remedy: remedy)
    }

    private static func silent(_ facts: ContentsFacts) -> Finding? {
        let live = Set(facts.workers.map(\.id))
        let orphans = facts.running.filter { trial in trial.owner.map { !live.contains($0) } ?? false }
        guard !orphans.isEmpty else { return nil }
        let hosts = Set(orphans.compactMap { $0.attempts.last?.host }).sorted()
        let until = orphans.compactMap(\.leaseUntil).max() ?? facts.now
        let isOver = until <= facts.now
        let count = orphans.count == 1 ? "1 trial is" : "\(orphans.count) trials are"
        let detail = "\(count) held by workers that are silent (\(ForeignText.list(hosts)))"
        let wait =
            isOver
            ? "their leases are over: a leader gives the trials back, so start one with `hyperserver start`"
            : "wait \(StoreJudgement.milliseconds(until - facts.now)): the trials go back to the queue by themselves"
        return Finding(.workers, "silent", .warn, detail, remedy: wait)
    }
}
