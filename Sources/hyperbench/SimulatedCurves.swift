import Foundation
import TuningMath

/// A kind of learning curves, made up so that it is known which policy should like it; an accuracy, from 0.1 up.
enum CurveFamily: String, CaseIterable {
    /// Power laws: who is ahead early tends to stay ahead.
    case power
    /// Exponentials whose pace has nothing to do with where they end.
    case exponential
    /// Exponentials of which the better are the slower: curves cross, and the winners are last for a long time.
    case crossing
    /// S-shaped (Hill's function), and again the better are the slower: no shape that a policy fits.
    case sigmoid
    /// Soon flat, with noise as large as the differences that matter.
    case plateau
    /// Flat, and some of them jump to a better level late and without notice.
    case jump

    var meaning: String {
        switch self {
        case .power: "power laws"
        case .exponential: "exponentials"
        case .crossing: "crossing: slow starters win"
        case .sigmoid: "crossing, S-shaped"
        case .plateau: "noisy plateaus"
        case .jump: "late jumps"
        }
    }
}

/// What the trials of one experiment would report if nobody stopped them, and how long an epoch of each takes.
struct SimulatedCurves {
    /// Trials whose final level is the target: the last of so many best ones.
    static let targetRank = 5
    /// Where accuracies begin.
    static let start = 0.1

    var family: CurveFamily
    /// What a trial is worth after each epoch, without noise.
    var levels: [[Double]] = []
    /// What it reports.
    var reports: [[Double]] = []
    /// How long an epoch of a trial takes.
    var durations: [Double] = []

    init(_ family: CurveFamily, seed: UInt64, trials: Int, epochs: Int) {
        self.family = family
        let seeds = SeedSequence(seed: seed)
        for trial in 1...trials {
            var generator = seeds.generator(trial: trial, purpose: family.rawValue)
            let level = Self.level(family, epochs: epochs, using: &generator)
            let noise = NormalDistribution(mean: 0, deviation: family == .plateau ? 0.05 : 0.01)
            durations.append(Self.rounded(0.5 + generator.unitDouble()))
            levels.append((1...epochs).map { Self.rounded(level(Double($0))) })
            reports.append(
                (1...epochs).map { Self.rounded(level(Double($0)) + noise.quantile(generator.openUnitDouble())) }
            )
        }
    }

    /// What to reach: the final level of the fifth best trial.
    var target: Double {
        let final = levels.compactMap(\.last).sorted(by: >)
        return final[min(Self.targetRank, final.count) - 1]
    }

    /// The best final level of all.
    var best: Double { levels.compactMap(\.last).max() ?? 0 }

    /// The same numbers for whoever reads them from a file.
    private static func rounded(_ value: Double) -> Double { (value * 1e5).rounded() / 1e5 }

    /// The level after an epoch, of a trial whose quality is drawn; good ones are rare.
    private static func level(
        _ family: CurveFamily,
        epochs: Int,
        using generator: inout SeededGenerator
    ) -> (Double) -> Double {
        let quality = pow(generator.unitDouble(), 2)
        let end = 0.6 + 0.35 * quality
        let other = generator.unitDouble()
        let span = Double(epochs)
        func exponential(_ constant: Double) -> (Double) -> Double { { end - (end - start) * exp(-$0 / constant) } }
        switch family {
        case .power:
            let power = 0.4 + 0.8 * other
            return { end - (end - start) * pow($0, -power) }
        // From a fiftieth of the epochs to a third.
        case .exponential: return exponential(span / 50 * pow(50.0 / 3, other))
        case .crossing: return exponential(span / 50 * pow(20, quality) * (0.8 + 0.4 * other))
        case .sigmoid:
            let half = span / 50 * pow(15, quality) * (0.8 + 0.4 * other)
            let steepness = 1 + 2 * generator.unitDouble()
            return { end - (end - start) / (1 + pow($0 / half, steepness)) }
        case .plateau: return exponential(span / 100 * (1 + 3 * other))
        case .jump:
            let rises = generator.unitDouble() < 0.3
            let moment = span * (0.1 + 0.5 * other)
            return { epoch in
                let low = 0.3 + 0.1 * other - 0.2 * exp(-epoch / 3)
                return rises ? low + (end - low) / (1 + exp(-(epoch - moment))) : low
            }
        }
    }
}
