import Chaos
import Testing

@Suite("The plan of a chaos run")
struct FaultPlanTests {
    @Test("the same seed plans the same faults, another seed others")
    func seeded() {
        let first = Array(FaultPlan(seed: 7).prefix(50))
        #expect(first == Array(FaultPlan(seed: 7).prefix(50)))
        #expect(first != Array(FaultPlan(seed: 8).prefix(50)))
    }

    @Test("every fault comes, none that cannot be done does, and all waits are within their limits")
    func faults() {
        let all = Array(FaultPlan(seed: 1).prefix(2000))
        #expect(Set(all.map(\.fault)) == Set(Fault.allCases))
        #expect(all.allSatisfy { FaultPlan.pauses.contains($0.pause) })
        #expect(all.allSatisfy { (0..<1).contains($0.choice) && (0..<1).contains($0.length) })
        let some: Set<Fault> = [.killWorker, .stopServer]
        #expect(Set(FaultPlan(seed: 1, faults: some).prefix(200).map(\.fault)) == some)
        #expect(Array(FaultPlan(seed: 1, faults: [])).isEmpty)
    }
}
