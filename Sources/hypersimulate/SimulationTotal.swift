import Simulation

/// Sums over many simulations.
struct SimulationTotal {
    private(set) var failedSeeds: [UInt64] = []
    private var seeds = 0
    private var trials = 0
    private var attempts = 0
    private var workDone = 0
    private var virtualDuration: Duration = .zero
    private var faults: [String: Int] = [:]

    mutating func add(_ report: SimulationReport) {
        seeds += 1
        trials += report.trials
        attempts += report.attempts
        workDone += report.workDone
        virtualDuration += report.virtualDuration
        faults.merge(report.faults, uniquingKeysWith: +)
        if !report.findings.isEmpty { failedSeeds.append(report.seed) }
    }

    /// After `totals` one `number name` a line, which `scripts/simulate` adds up over its processes.
    var text: String {
        var lines = [
            "totals", "\(seeds) seeds", "\(failedSeeds.count) seeds failed", "\(trials) trials", "\(attempts) attempts",
            "\(virtualDuration.components.seconds) virtual seconds", "\(workDone) pieces of work",
        ]
        lines += SimulationReport.faultNames.map { "\(faults[$0] ?? 0) \($0)" }
        return lines.joined(separator: "\n")
    }
}
