import ExperimentModel
import FoundationEssentials
import MemoryTrialStore
import Testing
import TuningTestKit

@Suite("Memory store", .timeLimit(.minutes(5)))
struct MemoryTrialStoreTests {
    @Test("keeps the promises of TrialStore", arguments: TrialStoreConformance.all)
    func conforms(check: TrialStoreConformance) async throws {
        try await check.run(
            MemoryTrialStore { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
        )
    }
}
