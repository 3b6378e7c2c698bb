/// A mixture of normal distributions around observations in one dimension, with a prior among them.
///
/// Each component is as wide as the larger gap to its neighbours. hyperopt 0.3.0, `adaptive_parzen_normal`; Bergstra,
/// Bardenet, Bengio and Kégl (2011), "Algorithms for Hyper-Parameter Optimization", section 4. Where observations are
/// equal they keep their order; in hyperopt that depends on the processor.
struct AdaptiveParzenEstimator {
    /// Weights of the components, with sum 1.
    private(set) var weights: ContiguousArray<Double>
    /// Means of the components, ascending.
    private(set) var means: ContiguousArray<Double>
    /// Standard deviations of the components, positive.
    private(set) var deviations: ContiguousArray<Double>

    /// An estimate from finite `observations`, the oldest first.
    ///
    /// - Complexity: O(n log n).
    init(observations: [Double], priorMean: Double, priorDeviation: Double) {
        let count = observations.count
        var sorted = ContiguousArray<Observation>()
        sorted.reserveCapacity(count)
        for (position, value) in observations.enumerated() {
            sorted.append(Observation(value: value, position: position))
        }
        sorted.sort()
        let forgetting = LinearForgetting.weights(count: count)
        let priorPosition = Self.priorPosition(in: sorted, mean: priorMean)

        means = ContiguousArray(repeating: priorMean, count: count + 1)
        weights = ContiguousArray(repeating: TPESettings.priorWeight, count: count + 1)
        for (index, observation) in sorted.enumerated() {
            let component = index < priorPosition ? index : index + 1
            means[component] = observation.value
            weights[component] = forgetting[observation.position]
        }
        var total = 0.0
        for weight in weights { total += weight }
        for component in weights.indices { weights[component] /= total }

        deviations = Self.gaps(means, priorDeviation: priorDeviation)
        let smallest = priorDeviation / min(100, Double(count) + 2)
        for component in deviations.indices {
            deviations[component] = min(max(deviations[component], smallest), priorDeviation)
        }
        deviations[priorPosition] = priorDeviation
    }

    /// Where the prior stands among the sorted observations.
    private static func priorPosition(in sorted: ContiguousArray<Observation>, mean: Double) -> Int {
        // hyperopt puts the prior after a single observation that equals it, before several.
        if sorted.count == 1 { return mean < sorted[0].value ? 0 : 1 }
        return sorted.firstIndex { $0.value >= mean } ?? sorted.count
    }

    /// The larger distance of each mean to its neighbours.
    private static func gaps(_ means: ContiguousArray<Double>, priorDeviation: Double) -> ContiguousArray<Double> {
        var gaps = ContiguousArray(repeating: priorDeviation / 2, count: means.count)
        let last = means.count - 1
        guard last >= 2 else { return gaps }
        gaps[0] = means[1] - means[0]
        gaps[last] = means[last] - means[last - 1]
        for index in 1..<last { gaps[index] = max(means[index] - means[index - 1], means[index + 1] - means[index]) }
        return gaps
    }
}

/// An observed value with its age.
private struct Observation: Comparable {
    var value: Double
    /// 0 is the oldest.
    var position: Int

    static func < (left: Self, right: Self) -> Bool {
        left.value < right.value || (left.value == right.value && left.position < right.position)
    }
}
