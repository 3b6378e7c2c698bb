import Coordination
import ExperimentModel
import Foundation
import MemoryTrialStore
import Testing
import TuningTestKit

@testable import Retention

@Suite("Taking stock, and removing")
struct RetentionSurveyTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    /// Files are dated by this host's clock.
    private static var hostNow: Timestamp { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }

    private func file(_ path: String) throws {
        let parent = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: path))
    }

    @Test("what a finished experiment left goes, but nothing of its best trial, of a running one, or of strangers")
    func fromStoreToPlan() async throws {
        let root = FileManager.default.temporaryDirectory
            .appending(path: "hyper-survey-\(UInt64.random(in: .min ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let store: any TrialStore = MemoryTrialStore { Self.now }
        let over = try await TrialStoreConformance.running(store, trials: 3, id: "es0000001")
        for value in [0.5, 0.25, 0.75] {
            let claimed = try await TrialStoreConformance.claim(store, over.id)
            try await store.appendLog([Self.chunk(claimed.id)])
            let outcome = AttemptOutcome(cause: .succeeded, value: value)
            _ = try await store.finish(claimed, with: outcome, retries: RetryLimits())
        }
        let end = ExperimentEnding(state: .completed, reason: .maxTrials)
        _ = try await store.change(.decide(end), lead: over)
        _ = try await store.change(.finish, lead: over)
        let open = try await TrialStoreConformance.running(store, trials: 1, id: "es0000002")
        let running = try await TrialStoreConformance.claim(store, open.id)
        try await store.appendLog([
            Self.chunk(running.id), Self.chunk(TrialID(experiment: ExperimentID("es9999999"), number: 1)),
        ])
        for place in [
            "es0000001/1-1", "es0000001/2-1", "es0000001/3-1", "es0000001/3-9", "es0000002/1-1", "es8888888/1-1",
        ] {
            try file("\(root)/\(place)/output/f")
        }

        let scan = WorkDirectoryScan(root: root)
        let inventory = try await RetentionSurvey.inventory(of: store, workDirectory: scan)
        let standings = Dictionary(
            uniqueKeysWithValues: inventory.attempts.map { ("\($0.trial)-\($0.attempt)", $0.standing) }
        )
        #expect(
            standings == [
                "es0000001/1-1": .finished(at: Self.now), "es0000001/2-1": .best,
                "es0000001/3-1": .finished(at: Self.now), "es0000001/3-9": .unknown, "es0000002/1-1": .running,
                "es8888888/1-1": .unknown,
            ]
        )
        #expect(
            inventory.logs.map(\.standing) == [.finished(at: Self.now), .best, .finished(at: Self.now), .unfinished]
        )
        #expect(inventory.leftovers.map(\.experiment.rawValue) == ["es9999999"])

        let limits = RetentionLimits(logBytes: 0, attemptBytes: 0)
        let plan = RetentionPlan(of: inventory, limits: limits, now: Self.now, hostNow: Self.hostNow) { _ in true }
        let problems = try await RetentionSweep.carryOut(plan, store, workDirectory: scan, note: "removed\n")
        #expect(problems.isEmpty)
        let texts = try await [1, 2, 3].asyncMap { number in
            let id = TrialID(experiment: over.id, number: number)
            return try await store.log(of: id, attempt: 1).map { String(decoding: $0.bytes, as: UTF8.self) }
        }
        #expect(texts == [["removed\n"], ["hello\n"], ["removed\n"]])
        #expect(try await store.leftovers().isEmpty)
        let left = scan.attempts().map { "\($0.trial)-\($0.attempt)" }
        #expect(left == ["es0000001/2-1", "es0000001/3-9", "es0000002/1-1", "es8888888/1-1"])

        // What was removed is not planned again.
        let again = try await RetentionSurvey.inventory(of: store, workDirectory: scan)
        #expect(RetentionPlan(of: again, limits: limits, now: Self.now, hostNow: Self.hostNow) { _ in true }.isEmpty)
    }

    @Test("nothing is removed of an experiment that was reopened while somebody thought about the plan")
    func reopened() async throws {
        let root = FileManager.default.temporaryDirectory
            .appending(path: "hyper-survey-\(UInt64.random(in: .min ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let store: any TrialStore = MemoryTrialStore { Self.now }
        let lead = try await TrialStoreConformance.running(store, trials: 1, id: "es0000001")
        let claimed = try await TrialStoreConformance.claim(store, lead.id)
        try await store.appendLog([Self.chunk(claimed.id)])
        _ = try await store.finish(claimed, with: TrialStoreConformance.failure, retries: RetryLimits())
        let end = ExperimentEnding(state: .completed, reason: .maxTrials)
        _ = try await store.change(.decide(end), lead: lead)
        _ = try await store.change(.finish, lead: lead)
        for place in ["es0000001/1-1", "es0000001/7-1", "es8888888/1-1"] { try file("\(root)/\(place)/output/f") }
        let scan = WorkDirectoryScan(root: root)
        let limits = RetentionLimits(logAge: .zero, logBytes: 0, attemptAge: .seconds(-1), attemptBytes: 0)
        let plan = RetentionPlan(
            of: try await RetentionSurvey.inventory(of: store, workDirectory: scan),
            limits: limits,
            now: Self.now,
            hostNow: Self.hostNow
        ) { _ in true }
        #expect(plan.logs.count == 1 && plan.attempts.count == 3)

        _ = try await store.retryTrial(claimed.id)
        let problems = try await RetentionSweep.carryOut(plan, store, workDirectory: scan, note: "removed\n")
        #expect(problems.isEmpty)
        #expect(try await store.log(of: claimed.id, attempt: 1) == [Self.chunk(claimed.id)])
        #expect(scan.attempts().map { "\($0.trial)-\($0.attempt)" } == ["es0000001/1-1", "es0000001/7-1"])
    }

    private static func chunk(_ trial: TrialID) -> LogChunk {
        LogChunk(trial: trial, attempt: 1, stream: .stdout, sequence: 0, bytes: Array("hello\n".utf8))
    }
}

extension Sequence {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var result: [T] = []
        for element in self { result.append(try await transform(element)) }
        return result
    }
}
