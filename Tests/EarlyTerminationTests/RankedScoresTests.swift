import Testing
import TuningMath

@testable import EarlyTermination

@Suite("RankedScores")
struct RankedScoresTests {
    @Test("agree with a sorted list through thousands of insertions and removals, ties and infinities among them")
    func likeSortedList() {
        var generator = SeededGenerator(seed: 7)
        var scores = RankedScores()
        var list: [Double] = []
        for step in 0..<6000 {
            let isGrowing = step < 4000
            if list.isEmpty || generator.wholeNumber(below: 10) < (isGrowing ? 8 : 2) {
                let score =
                    generator.wholeNumber(below: 50) == 0 ? -.infinity : Double(generator.wholeNumber(below: 700))
                scores.insert(score)
                list.insert(score, at: list.firstIndex { $0 >= score } ?? list.count)
            } else {
                let score = list.remove(at: Int(generator.wholeNumber(below: UInt64(list.count))))
                scores.remove(score)
                // One that is not there.
                scores.remove(0.5)
            }
            guard scores.count == list.count, scores.best == list.last else {
                Issue.record("\(scores.count) scores up to \(String(describing: scores.best)) after \(step) steps")
                return
            }
            if step % 97 == 0 { #expect(list.indices.allSatisfy { scores.score(atRank: $0) == list[$0] }) }
        }
        #expect(list.count > RankedScores.largestBlock)
    }

    @Test("quantiles are linear between ranks, and infinitely bad beside the infinitely bad")
    func quantiles() {
        var scores = RankedScores()
        scores.insert(3)
        #expect(scores.quantile(0) == 3 && scores.quantile(1) == 3)
        for score in [1.0, 2, 7] { scores.insert(score) }
        #expect([0, 0.5, 1].map { scores.quantile($0) } == [1, 2.5, 7])
        #expect(scores.quantile(0.9) == 3 * (1 - (0.9 * 3 - 2)) + 7 * (0.9 * 3 - 2))
        for _ in 0..<4 { scores.insert(-.infinity) }
        #expect(scores.quantile(0.5) == -.infinity)
        #expect(scores.quantile(1) == 7)
    }
}
