import ExperimentModel
import Testing

@testable import WorkerRuntime

@Suite("Priority schedule")
struct PriorityScheduleTests {
    private func id(_ index: Int) -> ExperimentID { ExperimentID("es\(index)") }

    private func schedule(_ priorities: [Int]) -> PrioritySchedule {
        var schedule = PrioritySchedule()
        schedule.update(priorities.enumerated().map { (id($0), $1) })
        return schedule
    }

    /// How often each of `count` experiments has the turn; those in `idle` have nothing to claim.
    private func turns(
        _ total: Int,
        of count: Int,
        _ schedule: inout PrioritySchedule,
        idle: Set<Int> = []
    ) -> [Int] {
        var served = [Int](repeating: 0, count: count)
        for _ in 0..<total {
            guard let next = schedule.candidates().first(where: { !idle.contains(number($0)) }) else { break }
            served[number(next)] += 1
            schedule.served(next)
        }
        return served
    }

    private func number(_ id: ExperimentID) -> Int { Int(id.rawValue.dropFirst(2)) ?? -1 }

    @Test("experiments of one priority take turns in their order")
    func equal() {
        var schedule = schedule([0, 0, 0])
        for turn in 0..<9 {
            let candidates = schedule.candidates()
            #expect(candidates.count == 3)
            #expect(candidates.first == id(turn % 3))
            schedule.served(candidates[0])
        }
    }

    @Test("each step of priority doubles the share of 1000 turns")
    func shares() {
        var schedule = schedule([0, 1, 2, -1])
        let weights = [2, 4, 8, 1]
        let served = turns(1000, of: 4, &schedule)
        for (count, weight) in zip(served, weights) { #expect(abs(count - 1000 * weight / 15) <= 1) }
        #expect(served.reduce(0, +) == 1000)
    }

    @Test("the lowest priority does not starve beside the highest, whatever numbers are given")
    func noStarvation() {
        var schedule = schedule([.max, .min, 1000])
        var sinceLast = 0
        let longestWait = 2 * 256 + 2
        for _ in 0..<5000 {
            let next = schedule.candidates()[0]
            sinceLast = next == id(1) ? 0 : sinceLast + 1
            #expect(sinceLast <= longestWait)
            schedule.served(next)
        }
    }

    @Test("who had nothing to claim does not make up for it")
    func idle() {
        var schedule = schedule([0, 0])
        #expect(turns(500, of: 2, &schedule, idle: [1]) == [500, 0])
        let after = turns(10, of: 2, &schedule)
        #expect(after == [5, 5])
    }

    @Test("a newcomer begins where the others are, and the others keep their turns")
    func newcomer() {
        var schedule = schedule([0, 0])
        #expect(turns(301, of: 2, &schedule) == [151, 150])
        schedule.update([(id(0), 0), (id(1), 0), (id(2), 0)])
        #expect(schedule.candidates().first == id(1))
        let served = turns(30, of: 3, &schedule)
        #expect(served.allSatisfy { (9...11).contains($0) })
    }

    @Test("an unknown experiment is nobody's turn")
    func unknown() {
        var schedule = schedule([0])
        schedule.served(id(7))
        #expect(schedule.candidates() == [id(0)])
        schedule.update([])
        #expect(schedule.candidates().isEmpty)
    }
}
