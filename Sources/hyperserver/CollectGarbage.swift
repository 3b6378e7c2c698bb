import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentFile
import ExperimentModel
import Foundation
import Glibc
import OrderedCollections
import Retention
import SearchSpace

/// `hyperserver gc`
struct CollectGarbage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Removes old output from the store, and old files of trials from this host.",
        discussion: """
            Prints what would go, asks, and removes it. Only what belongs to finished trials of finished experiments goes, \
            and nothing of the best trial of an experiment: first what is too old, then, oldest first, what is too much. \
            What a deletion left behind goes too. The files are those of this host's workers; repeat it on the others.
            """
    )

    @Flag(name: [.customShort("n"), .long], help: "Only print what would go.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Option(help: ArgumentHelp("Output of trials that ended longer ago goes (default: 30d).", valueName: "time|none"))
    var logsOlderThan: String?

    @Option(help: ArgumentHelp("Output that is kept in the store (default: 10GiB).", valueName: "bytes|none"))
    var maxLogs: String?

    @Option(help: ArgumentHelp("Files of attempts that ended longer ago go (default: 30d).", valueName: "time|none"))
    var attemptsOlderThan: String?

    @Option(help: ArgumentHelp("Files of attempts that are kept (default: 20GiB).", valueName: "bytes|none"))
    var maxAttempts: String?

    @Option(
        help: ArgumentHelp("Where trials keep their files, as of hyperworker. Also HYPER_WORKDIR.", valueName: "dir"),
        completion: .directory
    )
    var workdir: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func run() async throws {
        let limits = try limits()
        if !yes, !dryRun, !Confirmation.isPossible { throw Confirmation.impossible("Removing") }
        let root = try WorkDirectory.named(flag: workdir, environment: CommonOptions.environment)
        let directory = WorkDirectoryScan(root: root)
        if workdir != nil, !directory.exists {
            throw ProgramFailure(
                .usage,
                "\(root) is not a directory; give --workdir as the workers of this host have it."
            )
        }
        try await common.withClientStore { store in
            let inventory = try await RetentionSurvey.inventory(of: store, workDirectory: directory)
            let plan = RetentionPlan(
                of: inventory,
                limits: limits,
                now: try await store.now(),
                hostNow: Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)),
                isAlive: { kill($0, 0) == 0 || errno == EPERM }
            )
            if !json { for line in lines(plan, root) { Console.print(line) } }
            var problems: [String] = []
            if !dryRun, !plan.isEmpty {
                if !yes, !Confirmation.ask("Remove \(Self.amount(plan))?") {
                    throw ProgramFailure(.interrupted, "Nothing was removed.")
                }
                let note = "(hyperserver gc removed this output on \(try await store.now().text))\n"
                problems = try await RetentionSweep.carryOut(plan, store, workDirectory: directory, note: note)
                if !json { Console.print("Removed \(Self.amount(plan)).") }
            }
            if json { Console.print(view(plan, problems).json) }
            if !problems.isEmpty {
                throw ProgramFailure(
                    .failed,
                    "Some files could not be removed:\n"
                        + problems.map { "  " + TextTable.printable($0) }.joined(separator: "\n")
                )
            }
        }
    }

    // MARK: Limits

    private func limits() throws -> RetentionLimits {
        var limits = RetentionLimits()
        if let text = logsOlderThan { limits.logAge = try age(text, "--logs-older-than") }
        if let text = maxLogs { limits.logBytes = try bytes(text, "--max-logs") }
        if let text = attemptsOlderThan { limits.attemptAge = try age(text, "--attempts-older-than") }
        if let text = maxAttempts { limits.attemptBytes = try bytes(text, "--max-attempts") }
        return limits
    }

    private func age(_ text: String, _ option: String) throws -> Duration? {
        if text == "none" { return nil }
        guard let seconds = DurationText.seconds(text), (0...DurationText.maximumSeconds).contains(seconds) else {
            throw ProgramFailure(.usage, "\(option) must be a time such as 30d or 12h, or none.")
        }
        return .seconds(seconds)
    }

    private func bytes(_ text: String, _ option: String) throws -> Int64? {
        if text == "none" { return nil }
        guard let bytes = ByteCount.read(text) else {
            throw ProgramFailure(.usage, "\(option) must be an amount such as 10GiB or 500MB, or none.")
        }
        return bytes
    }

    // MARK: What is printed

    private static func amount(_ plan: RetentionPlan) -> String {
        var parts: [String] = []
        if plan.storeBytes > 0 || plan.hostBytes == 0 {
            parts.append("\(ByteCount.text(plan.storeBytes)) from the store")
        }
        if plan.hostBytes > 0 {
            let artifacts = plan.artifactBytes > 0 ? " (of it \(ByteCount.text(plan.artifactBytes)) of artifacts)" : ""
            parts.append("\(ByteCount.text(plan.hostBytes)) from this host\(artifacts)")
        }
        return parts.joined(separator: " and ")
    }

    private func lines(_ plan: RetentionPlan, _ root: String) -> [String] {
        var lines: [String] = []
        if plan.isEmpty {
            lines.append("Nothing is to be removed.")
        } else {
            var table = TextTable(["WHAT", "EXPERIMENT", ">COUNT", ">SIZE", ">ARTIFACTS", "WHY"])
            for row in RetentionSummary(plan).rows {
                table.add([
                    Self.name(row.kind), row.experiment?.rawValue ?? "-", String(row.count), ByteCount.text(row.bytes),
                    row.artifactBytes > 0 ? ByteCount.text(row.artifactBytes) : "-", Self.text(row.reason),
                ])
            }
            lines += table.lines
        }
        if !plan.keptUnknown.isEmpty {
            let bytes = plan.keptUnknown.reduce(0) { $0 + $1.bytes }
            lines.append(
                "Kept: \(plan.keptUnknown.count) directories (\(ByteCount.text(bytes))) in \(TextTable.printable(root)) of "
                    + "trials that this store does not know; they go by --attempts-older-than alone."
            )
        }
        return lines
    }

    private static func name(_ kind: RetentionSummary.Kind) -> String {
        switch kind {
        case .logs: "output"
        case .attempts: "files on this host"
        case .leftovers: "records of a deleted experiment"
        case .spools: "temporary files on this host"
        case .workspaces: "workspaces of no experiment"
        case .pieces: "pieces of files"
        case .cachedWorkspaces: "workspaces on this host"
        }
    }

    private static func text(_ reason: RetentionPlan.Reason) -> String {
        switch reason {
        case .age: "too old"
        case .cap: "too much"
        case .unknown: "too old, of no trial of this store"
        case .leftover: "left behind"
        }
    }

    private func view(_ plan: RetentionPlan, _ problems: [String]) -> ParameterValue {
        let rows = RetentionSummary(plan).rows.map { row -> ParameterValue in
            [
                "what": .string(row.kind.rawValue),
                "experiment": row.experiment.map { .string($0.rawValue) } ?? .null,
                "reason": .string(row.reason.rawValue), "count": .integer(Int64(row.count)),
                "bytes": .integer(row.bytes), "artifact_bytes": .integer(row.artifactBytes),
            ]
        }
        return [
            "dry_run": .bool(dryRun), "removals": .list(rows), "store_bytes": .integer(plan.storeBytes),
            "host_bytes": .integer(plan.hostBytes), "artifact_bytes": .integer(plan.artifactBytes),
            "kept_unknown": .integer(Int64(plan.keptUnknown.count)), "problems": .list(problems.map { .string($0) }),
        ]
    }
}
