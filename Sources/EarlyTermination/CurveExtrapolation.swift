import Foundation

/// A learning curve continued to a later interval, by several shapes at once.
struct CurveExtrapolation {
    /// Powers of the interval that a curve may flatten out with.
    static let powers = [0.25, 0.5, 1.0, 2.0]
    /// Time constants of exponentials, as multiples of the newest interval.
    static let timeConstants = [0.1, 0.2, 0.4, 0.8, 1.6, 4.0]
    /// Reports that go into a fit.
    static let largestCount = 256
    /// A start that is so many times further below the median than the best is above it is left out.
    static let farStart = 4.0
    /// What a curve is never known better than, as a share of the span of its reports.
    static let leastDeviation = 0.02
    /// What makes up for the choice among shapes, in units of twice the logarithm of a likelihood.
    static let shapeAllowance = 4.0

    private let points: [(interval: Double, score: Double)]
    private let target: Double

    /// A curve, to be continued to the interval `target`.
    init(_ curve: LearningCurve, to target: Int) {
        var points: [(Double, Double)] = []
        // Of a long curve every k-th report, the newest among them.
        var left = curve.reports.count
        let step = (left + Self.largestCount - 1) / Self.largestCount
        curve.forEachReport { interval, value in
            left -= 1
            if value.isFinite, left.isMultiple(of: step) { points.append((Double(interval), curve.sign * value)) }
        }
        self.points = Self.withoutFarStart(points)
        self.target = Double(target)
    }

    /// Leaves out the beginning of a curve that came down from thousands: no shape fits both it and the rest.
    ///
    /// At least half of the reports stay.
    private static func withoutFarStart(
        _ points: [(interval: Double, score: Double)]
    ) -> [(interval: Double, score: Double)] {
        var rest = points[...]
        while true {
            let sorted = rest.map(\.score).sorted()
            guard let best = sorted.last, case let median = sorted[sorted.count / 2], median < best else { break }
            let bound = median - farStart * (best - median)
            let shorter = rest.drop { $0.score < bound }
            guard shorter.count < rest.count, shorter.count * 2 >= points.count else { break }
            rest = shorter
        }
        return Array(rest)
    }

    /// One shape fitted to the curve.
    private struct Fit {
        var squares: Double
        var prediction: Double
        /// Variance of the prediction, in units of the variance of a report.
        var leverage: Double
    }

    /// How high the best report up to the target may be expected to come, by the most hopeful shape of those that fit.
    func hope(quantile: Double, leastReports: Int) -> Double? {
        guard points.count >= leastReports, let newest = points.last?.interval else { return nil }
        let count = Double(points.count)
        var fits = Self.powers.compactMap { power in fit { pow($0, -power) } }
        fits += Self.timeConstants.compactMap { constant in fit { exp(-$0 / (constant * newest)) } }
        if let line = fit({ $0 }) { fits.append(line) }
        guard let least = fits.map(\.squares).min() else { return nil }
        let scores = points.map(\.score)
        let span = (scores.max() ?? 0) - (scores.min() ?? 0)
        let floor = Self.leastDeviation * Self.leastDeviation * span * span * count
        // A shape fits unless the ratio of likelihoods speaks against it.
        let likely = (least + floor) * exp((quantile * quantile + Self.shapeAllowance) / count)
        // The greatest of so many normal draws, about.
        let luck = (2 * log(max(2, target - newest))).squareRoot()
        return fits.filter { $0.squares + floor <= likely }
            .map { fit in
                let deviation = ((fit.squares + floor) / (count - 2)).squareRoot()
                return fit.prediction + deviation * (luck + quantile * fit.leverage.squareRoot())
            }
            .max()
    }

    private func fit(_ shape: (Double) -> Double) -> Fit? {
        let count = Double(points.count)
        let shapes = points.map { shape($0.interval) }
        let meanShape = shapes.reduce(0, +) / count
        let meanScore = points.reduce(0) { $0 + $1.score } / count
        var (shapeSquares, products, scoreSquares) = (0.0, 0.0, 0.0)
        for (shape, point) in zip(shapes, points) {
            shapeSquares += (shape - meanShape) * (shape - meanShape)
            products += (shape - meanShape) * (point.score - meanScore)
            scoreSquares += (point.score - meanScore) * (point.score - meanScore)
        }
        guard shapeSquares > 0, scoreSquares.isFinite else { return nil }
        let height = products / shapeSquares
        let distance = shape(target) - meanShape
        return Fit(
            squares: max(0, scoreSquares - height * products),
            prediction: meanScore + height * distance,
            leverage: 1 / count + distance * distance / shapeSquares
        )
    }
}
