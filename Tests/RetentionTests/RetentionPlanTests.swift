import ExperimentModel
import Testing

@testable import Retention

@Suite("What is to be removed")
struct RetentionPlanTests {
    private static let day: Int64 = 86_400_000
    private static let now = Timestamp(milliseconds: 1000 * day)
    private static let experiment = ExperimentID("es0000001")

    private func ended(_ daysAgo: Int64) -> TrialStanding {
        .finished(at: Timestamp(milliseconds: Self.now.milliseconds - daysAgo * Self.day))
    }

    private func log(_ number: Int, _ bytes: Int64, _ standing: TrialStanding) -> StoredLog {
        StoredLog(
            trial: TrialID(experiment: Self.experiment, number: number),
            attempt: 1,
            bytes: bytes,
            standing: standing
        )
    }

    private func files(_ number: Int, _ bytes: Int64, _ standing: TrialStanding, changed: Int64 = 0) -> AttemptFiles {
        AttemptFiles(
            trial: TrialID(experiment: Self.experiment, number: number),
            attempt: 1,
            bytes: bytes,
            artifactBytes: bytes / 2,
            changedAt: Timestamp(milliseconds: Self.now.milliseconds - changed * Self.day),
            standing: standing
        )
    }

    private func plan(
        _ inventory: RetentionInventory,
        _ limits: RetentionLimits = RetentionLimits(),
        alive: Set<Int32> = []
    ) -> RetentionPlan {
        RetentionPlan(of: inventory, limits: limits, now: Self.now, hostNow: Self.now) { alive.contains($0) }
    }

    @Test("output goes by age, whatever its order, and what is as old as allowed stays")
    func age() {
        let logs = [log(1, 5, ended(3)), log(2, 5, ended(31)), log(3, 5, ended(30)), log(4, 5, ended(400))]
        let plan = plan(RetentionInventory(logs: logs))
        #expect(plan.logs.map(\.item.trial.number) == [4, 2])
        #expect(plan.logs.allSatisfy { $0.reason == .age })
        #expect(plan.storeBytes == 10 && plan.hostBytes == 0)
    }

    @Test("beyond the cap the oldest goes, no more than it takes, and what must stay counts too")
    func cap() {
        let limits = RetentionLimits(logAge: nil, logBytes: 100)
        let logs = [
            log(1, 40, .best), log(2, 30, ended(1)), log(3, 30, ended(3)), log(4, 30, ended(2)),
            log(5, 10, .unfinished),
        ]
        let removed = plan(RetentionInventory(logs: logs), limits).logs
        #expect(removed.map(\.item.trial.number) == [3, 4])
        #expect(removed.allSatisfy { $0.reason == .cap })
        #expect(plan(RetentionInventory(logs: logs), RetentionLimits(logAge: nil, logBytes: 140)).isEmpty)
        #expect(plan(RetentionInventory(logs: logs), RetentionLimits(logAge: nil, logBytes: nil)).isEmpty)
    }

    @Test("what is too old counts no more when the cap is looked at")
    func ageBeforeCap() {
        let limits = RetentionLimits(logBytes: 50)
        let logs = [log(1, 60, ended(40)), log(2, 50, ended(2))]
        #expect(plan(RetentionInventory(logs: logs), limits).logs.map(\.reason) == [.age])
    }

    @Test(
        "nothing of a best, running or unfinished trial goes, however old and large",
        arguments: [TrialStanding.best, .running, .unfinished]
    )
    func kept(standing: TrialStanding) {
        let limits = RetentionLimits(logAge: .zero, logBytes: 0, attemptAge: .zero, attemptBytes: 0)
        let inventory = RetentionInventory(
            logs: [log(1, 1 << 40, standing)],
            attempts: [files(1, 1 << 40, standing, changed: 900)]
        )
        #expect(plan(inventory, limits).isEmpty)
    }

    @Test("directories of unknown trials go by their age alone, and are told when they stay")
    func unknown() {
        let limits = RetentionLimits(attemptBytes: 0)
        let attempts = [files(1, 7, .unknown, changed: 31), files(2, 9, .unknown, changed: 29)]
        let plan = plan(RetentionInventory(attempts: attempts), limits)
        #expect(plan.attempts.map(\.item.trial.number) == [1])
        #expect(plan.attempts.map(\.reason) == [.unknown])
        #expect(plan.keptUnknown.map(\.trial.number) == [2])
        #expect(plan.artifactBytes == 3)
        let forever = RetentionLimits(attemptAge: nil, attemptBytes: 0)
        #expect(self.plan(RetentionInventory(attempts: attempts), forever).isEmpty)
    }

    @Test("temporary files go when they are old and their worker is gone")
    func spools() {
        func spool(_ pid: Int32, _ days: Int64) -> SpoolFile {
            let changedAt = Timestamp(milliseconds: Self.now.milliseconds - days * Self.day)
            return SpoolFile(name: ".log-\(pid)-1", processID: pid, bytes: 4, changedAt: changedAt)
        }
        let plan = plan(RetentionInventory(spools: [spool(1, 2), spool(2, 2), spool(3, 0)]), alive: [2])
        #expect(plan.spools.map(\.item.processID) == [1])
    }

    @Test("results that nobody came for go by the age of directories, whatever process has their number now")
    func results() {
        func result(_ pid: Int32, _ days: Int64) -> SpoolFile {
            let changedAt = Timestamp(milliseconds: Self.now.milliseconds - days * Self.day)
            return SpoolFile(name: "\(pid)-a/x.json", processID: pid, bytes: 4, changedAt: changedAt, isResult: true)
        }
        let inventory = RetentionInventory(spools: [result(1, 31), result(2, 31), result(3, 29)])
        #expect(plan(inventory, alive: [2]).spools.map(\.item.processID) == [1, 2])
        #expect(plan(inventory, RetentionLimits(attemptAge: nil), alive: []).spools.isEmpty)
    }

    @Test("a summary has one row for each kind, experiment and reason, which adds up")
    func summary() {
        let inventory = RetentionInventory(
            logs: [log(1, 5, ended(40)), log(2, 6, ended(50))],
            attempts: [files(1, 8, ended(40)), files(2, 10, .unknown, changed: 99)],
            leftovers: [Leftover(experiment: ExperimentID("es0000002"), bytes: 3)]
        )
        let plan = plan(inventory)
        let rows = RetentionSummary(plan).rows
        #expect(rows.map(\.kind) == [.logs, .attempts, .attempts, .leftovers])
        #expect(rows.map(\.count) == [2, 1, 1, 1])
        #expect(rows.map(\.bytes) == [11, 8, 10, 3])
        #expect(rows.map(\.artifactBytes) == [0, 4, 5, 0])
        #expect(plan.storeBytes == 14 && plan.hostBytes == 18)
    }

    @Test(
        "amounts of bytes are read and written",
        arguments: [
            ("10GiB", 10 << 30), ("1.5 MiB", 3 << 19), ("500MB", 500_000_000), ("17", 17), ("2kib", 2048), ("0", 0),
        ] as [(String, Int64)]
    )
    func amounts(text: String, bytes: Int64) {
        #expect(ByteCount.read(text) == bytes)
    }

    @Test("what is no amount is refused", arguments: ["", "GiB", "-1", "1 light-year", "1e3", "99999999TiB", "1.2.3"])
    func noAmounts(text: String) {
        #expect(ByteCount.read(text) == nil)
    }

    @Test("amounts are short to read")
    func amountText() {
        let amounts: [Int64] = [0, 1, 1023, 1024, 1536, 10 << 20, 5 << 40]
        #expect(
            amounts.map(ByteCount.text) == ["0 bytes", "1 byte", "1023 bytes", "1 KiB", "1.5 KiB", "10 MiB", "5 TiB"]
        )
    }
}
