import ExperimentModel
import TuningMath

/// Reports of a random experiment: few values, so that there are ties, with NaN and infinities, in a random order.
struct RandomReports {
    static let largestTrialCount: UInt64 = 8
    static let largestLength: UInt64 = 12

    var reports: [ObjectiveReport] = []

    /// Reports in order within each attempt; trials take turns at random, and some begin a second attempt.
    init(using generator: inout SeededGenerator) {
        let trialCount = Int(generator.wholeNumber(below: Self.largestTrialCount)) + 1
        let oddShare = [0, 0, 0.1, 0.5][Int(generator.wholeNumber(below: 4))]
        let valueCount = [2, 5, 30][Int(generator.wholeNumber(below: 3))]
        // Remaining attempts of each trial, and in each the reports that are left.
        var left = (0..<trialCount).map { _ in
            (0...Int(generator.wholeNumber(below: 6)) / 5).map { _ in
                Int(generator.wholeNumber(below: Self.largestLength))
            }
        }
        var progress = left.map { _ in (attempt: 1, interval: 0) }
        while let trial = Self.turn(left, using: &generator) {
            if left[trial][0] == 0 {
                left[trial].removeFirst()
                progress[trial] = (progress[trial].attempt + 1, 0)
                continue
            }
            left[trial][0] -= 1
            progress[trial].interval += 1
            reports.append(
                ObjectiveReport(
                    trial: trial + 1,
                    attempt: progress[trial].attempt,
                    interval: progress[trial].interval,
                    value: Self.value(oddShare: oddShare, valueCount: valueCount, using: &generator),
                    position: ReportPosition(UInt64(reports.count + 1))
                )
            )
        }
    }

    private static func turn(_ left: [[Int]], using generator: inout SeededGenerator) -> Int? {
        let open = left.indices.filter { left[$0].count > 1 || (left[$0].first ?? 0) > 0 }
        guard !open.isEmpty else { return nil }
        return open[Int(generator.wholeNumber(below: UInt64(open.count)))]
    }

    /// An eighth, of either sign; so sums of them are exact.
    private static func value(oddShare: Double, valueCount: Int, using generator: inout SeededGenerator) -> Double {
        if generator.unitDouble() < oddShare {
            return [.nan, .infinity, -.infinity][Int(generator.wholeNumber(below: 3))]
        }
        return (Double(generator.wholeNumber(below: UInt64(valueCount))) - Double(valueCount / 3)) / 8
    }
}

extension SeededGenerator {
    /// One of a few things.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(wholeNumber(below: UInt64(elements.count)))]
    }
}
