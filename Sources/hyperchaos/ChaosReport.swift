import Chaos
import CommandLineSupport
import Foundation

/// What a chaos run came to, as a table or as JSON.
struct ChaosReport {
    var seed: UInt64
    var minutes: Double
    var store: String
    /// Load average before and after.
    var load: (before: Double, after: Double)
    var result: ChaosRun.Result

    /// Violations of each kind that are told one by one.
    static let largestShown = 10

    /// For people.
    var text: String {
        let verdict = result.verdict
        let faults = result.faults.values.reduce(0, +)
        var lines = [
            "seed \(seed): \(store), \(ChaosRun.servers) servers, \(ChaosRun.workers) workers of \(ChaosRun.slots) "
                + "slots, lease \(ChaosRun.leaseSeconds) s",
            String(
                format: "%.0f s, settled %.0f s after healing; load %.1f before, %.1f after; %d faults",
                result.seconds,
                result.settlingSeconds,
                load.before,
                load.after,
                faults
            ), "",
        ]
        var done = TextTable(["fault", ">times"])
        for fault in Fault.allCases { done.add([fault.rawValue, "\(result.faults[fault, default: 0])"]) }
        lines += done.lines + [""]
        var counts = TextTable(["found", ">count"])
        for (name, count) in figures { counts.add([name, "\(count)"]) }
        lines += counts.lines + [""]
        var promises = TextTable(["must be none", ">count"])
        for kind in Violation.Kind.allCases { promises.add([kind.label, "\(verdict.count(kind))"]) }
        lines += promises.lines
        for kind in Violation.Kind.allCases where verdict.count(kind) > 0 {
            let all = verdict.violations.filter { $0.kind == kind }
            lines +=
                ["", "\(kind.label):"] + all.prefix(Self.largestShown).map { "  " + TextTable.printable($0.message) }
            if all.count > Self.largestShown { lines.append("  … and \(all.count - Self.largestShown) more") }
        }
        lines += ["", verdict.isFine ? "every promise was kept" : "NOT every promise was kept"]
        return lines.joined(separator: "\n")
    }

    private var figures: [(String, Int)] {
        let verdict = result.verdict
        return [
            ("experiments", verdict.experiments),
            ("trials expected (sum of max_trials)", verdict.expected),
            ("trials", verdict.trials),
            ("  done", verdict.done),
            ("  failed, as their program meant", verdict.failed),
            ("  dead letters (workers lost again and again)", verdict.deadLetters),
            ("results seen to be accepted while things broke", verdict.acceptances),
            ("processes that ran trials", verdict.executions),
            ("  repeats", verdict.repeats),
            ("  overlapping ones (allowed without exclusive)", verdict.overlaps),
            ("leads taken", verdict.epochs),
        ]
    }

    private struct Output: Encodable {
        struct Complaint: Encodable {
            var kind: String
            var message: String
        }

        var seed: UInt64
        var minutes: Double
        var store: String
        var servers = ChaosRun.servers
        var workers = ChaosRun.workers
        var slots = ChaosRun.slots
        var leaseSeconds = ChaosRun.leaseSeconds
        var loadBefore: Double
        var loadAfter: Double
        var seconds: Double
        var settlingSeconds: Double
        var faults: [String: Int]
        var experiments: Int
        var expected: Int
        var trials: Int
        var done: Int
        var failed: Int
        var deadLetters: Int
        var acceptances: Int
        var executions: Int
        var repeats: Int
        var overlaps: Int
        var leads: Int
        var counts: [String: Int]
        var violations: [Complaint]
    }

    /// One object.
    func json() throws -> String {
        let verdict = result.verdict
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let output = Output(
            seed: seed,
            minutes: minutes,
            store: store,
            loadBefore: load.before,
            loadAfter: load.after,
            seconds: result.seconds,
            settlingSeconds: result.settlingSeconds,
            faults: Dictionary(uniqueKeysWithValues: result.faults.map { ($0.rawValue, $1) }),
            experiments: verdict.experiments,
            expected: verdict.expected,
            trials: verdict.trials,
            done: verdict.done,
            failed: verdict.failed,
            deadLetters: verdict.deadLetters,
            acceptances: verdict.acceptances,
            executions: verdict.executions,
            repeats: verdict.repeats,
            overlaps: verdict.overlaps,
            leads: verdict.epochs,
            counts: Dictionary(uniqueKeysWithValues: Violation.Kind.allCases.map { ($0.rawValue, verdict.count($0)) }),
            violations: verdict.violations.map { Output.Complaint(kind: $0.kind.rawValue, message: $0.message) }
        )
        return String(decoding: try encoder.encode(output), as: UTF8.self)
    }
}
