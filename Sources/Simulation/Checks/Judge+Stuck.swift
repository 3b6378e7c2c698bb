import ExperimentModel

extension Judge {
    /// Something does not come to its end: says where everything stands.
    func failStuck(_ text: String, _ world: World) {
        var lines = ["\(text), at \(Trace.text(world.loop.now)) s"]
        for record in records {
            let experiment = record.experiment
            lines.append(
                "  \(experiment.id) \(experiment.state.rawValue), ending \(experiment.ending?.reason.rawValue ?? "none"), "
                    + "next trial \(experiment.nextTrial), limits \(experiment.limits)"
            )
            for trial in record.trials.values.sorted(by: { $0.id < $1.id }) where !trial.state.isTerminal {
                lines.append(
                    "  trial \(trial.id.number) \(trial.state.name) attempt \(trial.attempt) of "
                        + "\(trial.owner?.rawValue ?? "nobody"), order \(trial.order.map { "\($0)" } ?? "none")"
                )
            }
        }
        for program in world.living({ _ in true }) {
            lines.append("  \(program.node.name) lives\(program.node.isPaused ? ", paused" : "")")
        }
        for entry in journal.open {
            lines.append("  runs: trial \(entry.trial) attempt \(entry.attempt) on \(entry.worker)")
        }
        fail(lines.joined(separator: "\n"))
    }
}
