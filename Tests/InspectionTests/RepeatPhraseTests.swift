import APIContract
import Coordination
import ExperimentModel
import Inspection
import MemoryTrialStore
import OrderedCollections
import SearchSpace
import Testing
import TuningTestKit

@Suite("Repeats as people and programs read them", .timeLimit(.minutes(10)))
struct RepeatPhraseTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)
    private let retries = RetryLimits(charges: [.failed: 2])

    private func trial(_ charges: [TrialCause: Int], waits seconds: Double? = nil) throws -> Trial {
        var trial = try TrialStoreConformance.trial(7, of: ExperimentID("es0000001"))
        trial.charges = charges
        trial.notBefore = seconds.map { now + .seconds($0) }
        return trial
    }

    @Test("charges are told with what is allowed, waits rounded up, and nothing where there is nothing")
    func words() throws {
        let charged = try trial([.failed: 1, .lost: 2, .timedOut: 0], waits: 7.2)
        #expect(RepeatPhrase.charges(charged, retries) == "1 of 2 failed repeats used, 2 of 3 lost repeats used")
        #expect(RepeatPhrase.wait(charged, now: now) == "waits 8s for its next attempt")
        #expect(RepeatPhrase.short(charged, retries, now: now) == "failed 1/2, lost 2/3, in 8s")
        #expect(RepeatPhrase.short(charged, retries, now: now + .seconds(8)) == "failed 1/2, lost 2/3")
        #expect(RepeatPhrase.wait(charged, now: now + .seconds(8)) == nil)
        let plain = try trial([:])
        #expect(RepeatPhrase.charges(plain, retries) == nil && RepeatPhrase.short(plain, retries, now: now).isEmpty)
        let single = RetryLimits(charges: [.failed: 1])
        #expect(RepeatPhrase.charges(try trial([.failed: 1]), single) == "1 of 1 failed repeat used")
        #expect(RepeatPhrase.causes([.failed: 1, .lost: 3, .timedOut: 0]) == "3 lost, 1 failed")
    }

    @Test("status shows what waits and why trials failed, in words and in JSON")
    func overview() async throws {
        let moment = now
        let store = MemoryTrialStore { moment }
        let lead = try await TrialStoreConformance.running(store, trials: 3)
        await store.register(Worker(id: WorkerID("w"), host: "h", processID: 1, slots: 4, version: "1"))
        for (number, limits) in [(1, RetryLimits(charges: [.failed: 1], firstDelaySeconds: 20)), (2, RetryLimits())] {
            let claimed = try await TrialStoreConformance.claim(store, lead.id)
            #expect(claimed.id.number == number)
            _ = await store.finish(claimed, with: TrialStoreConformance.failure, retries: limits)
        }
        let experiment = try #require(await store.experiment(lead.id))
        let overview = try await ExperimentOverview(of: experiment, in: store, lease: .seconds(30))
        #expect(overview.delayed.map(\.id.number) == [1] && overview.failures == [.failed: 1])
        #expect(overview.waiting.map(\.text) == ["1 trial waits for another attempt (1 failed), the time comes in 20s"])
        let json = ExperimentView.json(overview).json
        for part in [
            "\"failures\":{\"failed\":1}", "\"delayed\":[{\"trial\":1,\"cause\":\"failed\",\"charges\":{\"failed\":1},",
            "\"not_before\":\"2023-11-14T22:13:40.000Z\"", "\"lost\":3",
        ] {
            #expect(json.contains(part), "\(part)")
        }
    }
}
