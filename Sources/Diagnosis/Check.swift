/// One question with a time limit; it answers with a finding or more.
public struct Check: Sendable {
    /// How long a check may take unless it says otherwise.
    public static let usualLimit: Duration = .seconds(5)

    /// What it is about.
    public let area: Finding.Area
    /// The name of its finding when it does not answer in time.
    public let name: String
    /// How long it may take.
    public let limit: Duration
    /// How bad it is when it takes longer.
    public let levelWhenLate: Finding.Level
    private let probe: @Sendable () async -> [Finding]

    /// A check that does not block the thread it runs on.
    public init(
        _ area: Finding.Area,
        _ name: String,
        limit: Duration = Check.usualLimit,
        levelWhenLate: Finding.Level = .warn,
        probe: @escaping @Sendable () async -> [Finding]
    ) {
        self.area = area
        self.name = name
        self.limit = limit
        self.levelWhenLate = levelWhenLate
        self.probe = probe
    }

    /// A check that asks the system: it runs on a thread of its own, since a dead disk answers never.
    public static func blocking(
        _ area: Finding.Area,
        _ name: String,
        limit: Duration = Check.usualLimit,
        levelWhenLate: Finding.Level = .warn,
        probe: @escaping @Sendable () -> [Finding]
    ) -> Check {
        Check(area, name, limit: limit, levelWhenLate: levelWhenLate) { await TimeLimit.onThread(probe) }
    }

    /// The answer; after the limit, that there was none.
    public func run() async -> [Finding] {
        if let findings = await TimeLimit.value(within: limit, probe) { return findings }
        let remedy = "look for what hangs (a network file system, a name server, a busy machine), then try again"
        return [Finding(area, name, levelWhenLate, "no answer within \(limit)", remedy: remedy)]
    }

    /// Runs checks side by side.
    /// - Returns: their findings in the order of the checks.
    public static func run(_ checks: [Check]) async -> [Finding] {
        await withTaskGroup(of: (Int, [Finding]).self) { group in
            for (index, check) in checks.enumerated() { group.addTask { (index, await check.run()) } }
            var findings = [[Finding]](repeating: [], count: checks.count)
            for await (index, found) in group { findings[index] = found }
            return findings.flatMap(\.self)
        }
    }
}
