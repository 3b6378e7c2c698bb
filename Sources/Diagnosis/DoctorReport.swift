import OrderedCollections
public import SearchSpace

/// Everything that `doctor` found, and what follows from it.
public struct DoctorReport: Sendable, Hashable {
    /// What the whole means for the exit status.
    public enum Verdict: Sendable, Hashable {
        /// Nothing fails.
        case healthy
        /// Something fails, but the store can be used.
        case failing
        /// The store cannot be used.
        case storeUnusable
    }

    /// In the order in which they are printed.
    public var findings: [Finding]

    /// A report of these findings.
    public init(_ findings: [Finding]) { self.findings = findings }

    /// What the whole means for the exit status.
    public var verdict: Verdict {
        let failures = findings.filter { $0.level == .fail }
        if failures.contains(where: { $0.area == .store }) { return .storeUnusable }
        return failures.isEmpty ? .healthy : .failing
    }

    /// `ok`, `warn` or `fail`: the worst of all findings.
    public var status: String {
        if verdict != .healthy { return Finding.Level.fail.rawValue }
        let worst: Finding.Level = findings.contains { $0.level == .warn } ? .warn : .ok
        return worst.rawValue
    }

    /// For people: one line for each finding, and below it what to do.
    /// - Parameter isQuiet: only what is not as it should be; nothing when all is well.
    public func lines(isQuiet: Bool = false) -> [String] {
        let shown = isQuiet ? findings.filter { $0.level == .warn || $0.level == .fail } : findings
        let width = shown.map(\.fullName.count).max() ?? 0
        var lines: [String] = []
        for finding in shown {
            let level = finding.level == .fail ? "FAIL" : finding.level.rawValue
            lines.append("\(Self.padded(level, to: 4))  \(Self.padded(finding.fullName, to: width))  \(finding.detail)")
            guard finding.level != .ok, let remedy = finding.remedy else { continue }
            lines.append(String(repeating: " ", count: width + 8) + "→ \(remedy)")
        }
        if !isQuiet { lines.append(summary) }
        return lines
    }

    private var summary: String {
        let counts = Finding.Level.allCases.map { level in findings.count { $0.level == level } }
        return "\(counts[0]) ok, \(counts[1]) skipped, \(counts[2]) to look at, \(counts[3]) failing"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// `{"checks":[{"name","status","detail","remedy"}],"status"}`, as `docs/schema.md` describes it.
    public var json: ParameterValue {
        [
            "checks": .list(
                findings.map { finding in
                    [
                        "name": .string(finding.fullName), "status": .string(finding.level.rawValue),
                        "detail": .string(finding.detail),
                        "remedy": finding.level == .ok ? .null : finding.remedy.map(ParameterValue.string) ?? .null,
                    ]
                }
            ),
            "status": .string(status),
        ]
    }
}
