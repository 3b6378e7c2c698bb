import Coordination
import ExperimentModel
import Foundation
import MemoryTrialStore
import Synchronization
import Testing
import TuningTestKit

@testable import Retention

@Suite("Files that nothing refers to")
struct ForgottenFileTests {
    /// The store's clock, which the test moves.
    private final class Clock: Sendable {
        private let days = Mutex<Int64>(1000)
        var now: Timestamp { Timestamp(milliseconds: days.withLock { $0 } * 86_400_000) }
        func pass(days count: Int64) { days.withLock { $0 += count } }
    }

    private func plan(
        _ store: MemoryTrialStore,
        _ scan: WorkDirectoryScan?,
        _ clock: Clock
    ) async throws -> RetentionPlan {
        let inventory = try await RetentionSurvey.inventory(of: store, workDirectory: scan)
        let hostNow = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000) + 1000)
        return RetentionPlan(
            of: inventory,
            limits: RetentionLimits(attemptAge: .zero),
            now: clock.now,
            hostNow: hostNow
        ) { _ in false }
    }

    @Test(
        "a workspace goes a day after it was stored, if no experiment names it, and what a host has of it by its own age"
    )
    func workspaces() async throws {
        let directory = NSTemporaryDirectory() + "hyper-forgotten-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: directory + "/workspaces", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let source = directory + "/workspaces/abc.tar.zst"
        try Data("12345".utf8).write(to: URL(fileURLWithPath: source))
        try Data().write(to: URL(fileURLWithPath: directory + "/workspaces/abc.lock"))
        let clock = Clock()
        let store = MemoryTrialStore { clock.now }
        for hash in ["used", "forgotten"] {
            try await store.storeFile(at: source, as: .workspace(hash: hash), sha256: nil)
        }
        var definition = try TrialStoreConformance.definition()
        definition.workspace = WorkspaceSpecification(
            source: .path("/src"),
            content: .snapshot(hash: "used", files: 1, bytes: 5)
        )
        _ = try await store.createExperiment(definition, id: ExperimentID("es0000001"))

        clock.pass(days: 1)
        #expect(try await plan(store, nil, clock).isEmpty)
        clock.pass(days: 1)
        let scan = WorkDirectoryScan(root: directory)
        let plan = try await plan(store, scan, clock)
        #expect(plan.files.map(\.item.place) == [.workspace(hash: "forgotten"), .cached(name: "abc.tar.zst")])
        #expect(plan.storeBytes == 5 && plan.hostBytes == 5)
        #expect(RetentionSummary(plan).rows.map(\.kind) == [.workspaces, .cachedWorkspaces])

        #expect(try await RetentionSweep.carryOut(plan, store, workDirectory: scan, note: "") == [])
        #expect(await store.storedFiles(in: .workspaces).map(\.name) == [.workspace(hash: "used")])
        #expect(!FileManager.default.fileExists(atPath: source))
    }

    @Test("a workspace that somebody stores again while the plan is looked at stays")
    func storedAgain() async throws {
        let source = NSTemporaryDirectory() + "hyper-forgotten-\(UInt64.random(in: .min ... .max))"
        try Data("12345".utf8).write(to: URL(fileURLWithPath: source))
        defer { try? FileManager.default.removeItem(atPath: source) }
        let clock = Clock()
        let store = MemoryTrialStore { clock.now }
        try await store.storeFile(at: source, as: .workspace(hash: "a"), sha256: nil)
        clock.pass(days: 2)
        let plan = try await plan(store, nil, clock)
        #expect(plan.files.count == 1)
        #expect(try await !store.storeFile(at: source, as: .workspace(hash: "a"), sha256: nil))
        _ = try await RetentionSweep.carryOut(plan, store, workDirectory: nil, note: "")
        #expect(await store.storedFiles(in: .workspaces).count == 1)
    }
}
