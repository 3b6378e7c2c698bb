import Coordination
import ExperimentModel
import FoundationEssentials
import MemoryTrialStore
import SearchSpace
import Testing
import TuningTestKit

@Suite("Memory store", .timeLimit(.minutes(10)))
struct MemoryTrialStoreTests {
    @Test("keeps the promises of TrialStore", arguments: TrialStoreConformance.all)
    func conforms(check: TrialStoreConformance) async throws {
        try await check.run(
            MemoryTrialStore { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
        )
    }

    @Test("no more points are enqueued than the limit")
    func enqueueLimit() async throws {
        let store = MemoryTrialStore { Timestamp(milliseconds: 0) }
        let id = ExperimentID("es0000001")
        _ = try await store.createExperiment(try TrialStoreConformance.definition(), id: id)
        for number in 1...EnqueuedPoint.largestCount {
            _ = try await store.enqueue(EnqueuedPoint(id: "\(number)", values: Suggestion()), experiment: id)
        }
        let limit = EnqueuedPoint.largestCount
        await #expect(throws: TrialStoreError.tooManyEnqueued(id, limit: limit)) {
            try await store.enqueue(EnqueuedPoint(id: "more", values: Suggestion()), experiment: id)
        }
        let known = try await store.enqueue(EnqueuedPoint(id: "1", values: Suggestion()), experiment: id)
        #expect(known?.enqueued.count == limit && known?.revision == limit)
    }
}
