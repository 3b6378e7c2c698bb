import EarlyTermination
import ExperimentModel
import Testing

@testable import Coordination

@Suite("Desk of a leader for early stopping")
struct StoppingDeskTests {
    private static let policies = [
        PolicySpecification(.medianStopping(PolicySpecification.MedianSettings())),
        PolicySpecification(.bandit(.amount(0.3)), delayEvaluation: 2),
    ]

    private func definition(
        _ policies: [PolicySpecification] = StoppingDeskTests.policies
    ) throws -> ExperimentDefinition {
        var definition = Experiments.definition(try Experiments.line())
        definition.earlyTermination = policies
        return definition
    }

    private func report(_ trial: Int, _ interval: Int, _ value: Double, at position: Int) -> ObjectiveReport {
        ObjectiveReport(
            trial: trial,
            attempt: 1,
            interval: interval,
            value: value,
            position: ReportPosition(UInt64(position))
        )
    }

    /// A position as MongoDB gives it: the seconds in the upper half.
    private func place(_ second: Int, _ count: Int) -> Int { ((1_800_000_000 + second) << 32) + count }

    /// Curves of six trials that take turns, with values that spread; a few are not numbers.
    private func curves(_ intervals: Int) -> [ObjectiveReport] {
        (1...intervals).flatMap { interval in
            (1...6).map { trial in
                let value = Double((trial * 7 + interval * 5) % 11) / 10 + Double(trial) / 100
                let position = (interval - 1) * 6 + trial
                return report(trial, interval, position.isMultiple(of: 13) ? .nan : value, at: position)
            }
        }
    }

    /// What whoever reads everything in order decides.
    private func decisions(_ reports: [ObjectiveReport]) throws -> [Int: EarlyStop] {
        let definition = try definition()
        var judge = StoppingJudge(definition.earlyTermination, objective: definition.objective)
        var decisions: [Int: EarlyStop] = [:]
        for report in reports { for (trial, stop) in judge.take(report) { decisions[trial] = stop } }
        return decisions
    }

    @Test("without policies there is none")
    func none() throws {
        #expect(StoppingDesk(try definition([])) == nil)
    }

    @Test("pages of any size lead to the same decisions", arguments: [1, 5, 64])
    func pages(size: Int) throws {
        let reports = curves(12)
        let expected = try decisions(reports)
        #expect(expected.count > 1)
        var desk = try #require(StoppingDesk(try definition()))
        while let place = desk.nextPage {
            let page = Array(reports.filter { $0.position > place }.prefix(size))
            desk.take(page: page, isLast: page.count < size)
        }
        #expect(desk.pending == expected)
    }

    @Test("what is read again changes nothing, not-a-numbers too")
    func repeated() throws {
        let reports = curves(12)
        var desk = try #require(StoppingDesk(try definition()))
        for _ in 1...3 {
            desk.take(page: reports, isLast: true)
            #expect(desk.nextPage == nil)
            desk.reread()
            #expect(desk.nextPage == .start)
        }
        #expect(desk.pending == (try decisions(reports)))
    }

    @Test("a report that becomes visible late is put in its place, and what came after it is judged again")
    func late() throws {
        // Without trial 1, which is the best, nobody is behind anybody.
        let best = report(1, 1, 0.1, at: 1)
        let late = [report(2, 1, 0.9, at: 2), report(2, 2, 0.9, at: 3)]
        var definition = try definition([PolicySpecification(.bandit(.amount(0.3)))])
        definition.objective = Objective(metric: "loss", goal: .minimize)
        var desk = try #require(StoppingDesk(definition))
        desk.take(page: late, isLast: true)
        #expect(desk.pending.isEmpty)
        desk.hear(best)
        #expect(desk.nextPage == nil)
        #expect(desk.pending.mapValues(\.interval) == [2: 1])
    }

    @Test("an event of what is not read yet asks for reading, one of what is read does not")
    func events() throws {
        let reports = curves(2)
        var desk = try #require(StoppingDesk(try definition()))
        desk.take(page: reports, isLast: true)
        desk.hear(reports[3])
        #expect(desk.nextPage == nil)
        desk.hear(report(1, 3, 0.5, at: 100))
        #expect(desk.nextPage == reports.last?.position)
    }

    @Test("what is settled is not put in order any more, and the decisions are those of all reports")
    func settled() throws {
        // Ten seconds of four hundred trials.
        var reports: [ObjectiveReport] = []
        for second in 0..<10 {
            for trial in 1...400 {
                let value = Double((trial * 31 + second * 17) % 97)
                reports.append(report(trial, second + 1, value, at: place(second, trial)))
            }
        }
        var desk = try #require(StoppingDesk(try definition()))
        for start in stride(from: 0, to: reports.count, by: 100) {
            desk.take(page: Array(reports[start..<start + 100]), isLast: true)
        }
        #expect(desk.pending == (try decisions(reports)))
        desk.reread()
        let place = try #require(desk.nextPage)
        #expect(place > reports[0].position && place < reports[3000].position)
        let before = desk.pending
        desk.hear(reports[0])
        #expect(desk.pending == before)
    }

    @Test("a decision waits until it is written, and is dropped when its attempt is over or was told to end")
    func pending() throws {
        var desk = try #require(StoppingDesk(try definition([PolicySpecification(.threshold(lower: nil, upper: 1))])))
        desk.take(page: (1...6).map { report($0, 1, 2, at: $0) }, isLast: true)
        #expect(desk.pending.count == 6)
        var trials = (1...6).map { Experiments.trial($0) }
        for index in [0, 1, 3, 4] {
            trials[index].claim(by: WorkerID("w"), host: "h", at: Experiments.now, lease: .seconds(9))
        }
        trials[1].give(.cancel)
        trials[3].end(with: AttemptOutcome(cause: .succeeded, value: 2), retries: RetryLimits(), at: Experiments.now)
        trials[4].end(with: AttemptOutcome(cause: .drained), retries: RetryLimits(), at: Experiments.now)
        trials[4].claim(by: WorkerID("w"), host: "h", at: Experiments.now, lease: .seconds(9))
        // Trial 3 was claimed, as its report tells, and that has not been heard of yet; of trial 6 nothing is known.
        let ledger = Experiments.ledger(Array(trials.prefix(5)))
        let stops = desk.stops(ledger)
        #expect(stops.keys.sorted() == [1, 3, 6])
        desk.wrote([1: try #require(stops[1])])
        #expect(desk.stops(ledger).keys.sorted() == [3, 6])
    }
}
