public import ExperimentModel

/// A plan as people read it: one row for each kind of thing, experiment and reason.
public struct RetentionSummary: Sendable, Hashable {
    /// Kinds of things that are removed.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Output of trials in the store.
        case logs
        /// Directories of attempts on this host.
        case attempts
        /// Records in the store without an experiment.
        case leftovers
        /// Temporary files of workers on this host.
        case spools
        /// Workspaces in the store that no experiment names.
        case workspaces
        /// Pieces in the store of files whose storing was cut short.
        case pieces
        /// Workspaces on this host.
        case cachedWorkspaces = "cached_workspaces"
    }

    /// One row.
    public struct Row: Sendable, Hashable {
        /// What is removed.
        public var kind: Kind
        /// Whose it is; `nil` for temporary files.
        public var experiment: ExperimentID?
        /// Why.
        public var reason: RetentionPlan.Reason
        /// Trials, directories, experiments or files.
        public var count: Int
        /// Bytes.
        public var bytes: Int64
        /// Of these, bytes that trials left for people in `output/`.
        public var artifactBytes: Int64
    }

    /// Rows by kind, experiment and reason.
    public let rows: [Row]

    /// The summary of a plan.
    public init(_ plan: RetentionPlan) {
        var rows: [Row] = []
        func add(
            _ kind: Kind,
            _ experiment: ExperimentID?,
            _ reason: RetentionPlan.Reason,
            _ bytes: Int64,
            artifacts: Int64 = 0
        ) {
            let index = rows.firstIndex { ($0.kind, $0.experiment, $0.reason) == (kind, experiment, reason) }
            guard let index else {
                let row = Row(
                    kind: kind,
                    experiment: experiment,
                    reason: reason,
                    count: 1,
                    bytes: bytes,
                    artifactBytes: artifacts
                )
                return rows.append(row)
            }
            rows[index].count += 1
            rows[index].bytes += bytes
            rows[index].artifactBytes += artifacts
        }
        for log in plan.logs { add(.logs, log.item.trial.experiment, log.reason, log.item.bytes) }
        for files in plan.attempts {
            let item = files.item
            add(.attempts, item.trial.experiment, files.reason, item.bytes, artifacts: item.artifactBytes)
        }
        for leftover in plan.leftovers {
            add(.leftovers, leftover.item.experiment, leftover.reason, leftover.item.bytes)
        }
        for spool in plan.spools { add(.spools, nil, spool.reason, spool.item.bytes) }
        for file in plan.files {
            switch file.item.place {
            case .workspace: add(.workspaces, nil, file.reason, file.item.bytes)
            case .pieces(let files):
                add(.pieces, nil, file.reason, file.item.bytes)
                rows[rows.count - 1].count = files
            case .cached: add(.cachedWorkspaces, nil, file.reason, file.item.bytes)
            }
        }
        self.rows = rows
    }
}
