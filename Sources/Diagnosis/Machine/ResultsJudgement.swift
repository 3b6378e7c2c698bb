import ExperimentModel
import ResultSpool

/// Results of trials that wait on this host for the store.
enum ResultsJudgement {
    /// What a person has to know of them.
    static func finding(_ overview: SpoolOverview, in workDirectory: String) -> Finding {
        let results = overview.entries.filter { !$0.isBad }
        let waiting = results.filter { !$0.isInUse }
        let bad = overview.entries.filter(\.isBad)
        let place = "\(workDirectory)/\(SpoolDirectory.parentName)"
        if !bad.isEmpty {
            let names = bad.prefix(3).map(\.name).joined(separator: ", ") + (bad.count > 3 ? ", …" : "")
            return Finding(
                .machine,
                "results",
                .warn,
                "\(bad.count) \(bad.count == 1 ? "file" : "files") in \(place) cannot be read: \(names)",
                remedy:
                    "each is a result that was damaged or edited; look at it, then remove it (hyperserver gc does so in time)"
            )
        }
        if !waiting.isEmpty {
            return Finding(
                .machine,
                "results",
                .warn,
                "\(waiting.count) \(waiting.count == 1 ? "result waits" : "results wait") in \(place) for a worker to deliver",
                remedy: "start hyperworker on this host with this --workdir and the store of these trials"
            )
        }
        let held = results.isEmpty ? "no result waits" : "\(results.count) on their way, in the hands of a worker"
        return Finding(.machine, "results", .ok, "\(held) in \(place)")
    }
}
