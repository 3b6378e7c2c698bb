import ExperimentModel
import Foundation

/// From where to where a chart of the best so far goes, and how: one bad beginning must not flatten all the rest.
struct ChartScale: Sendable, Hashable {
    /// A beginning, one part in so many of the values, may be cut off.
    static let cutPart = 10
    /// It is, when the rest of the course then has so many times the height.
    static let cutGain = 5.0
    /// Values beyond which a course of positive numbers that shrinks is drawn by its magnitude.
    static let logSpan = 100.0

    /// The value at the end of the scale where the course begins.
    let worst: Double
    /// The value at which the course ends.
    let best: Double
    /// Whether equal heights are equal factors.
    let isLogarithmic: Bool
    /// Whether the course begins beyond ``worst``.
    let isCut: Bool

    /// The scale for a course.
    /// - Parameter course: the best so far after each value, finite, not empty.
    init(_ course: [Double], _ objective: Objective) {
        let (first, last) = (course.first ?? 0, course.last ?? 0)
        let later = course.isEmpty ? 0 : course[min(course.count - 1, max(1, course.count / Self.cutPart))]
        let isLong = Self.isLong(first, last, objective)
        let whole = abs(Self.place(first, isLong) - Self.place(last, isLong))
        let rest = abs(Self.place(later, isLong) - Self.place(last, isLong))
        best = last
        isCut = rest > 0 && whole > rest * Self.cutGain
        worst = isCut ? later : first
        isLogarithmic = Self.isLong(worst, last, objective)
    }

    /// Only towards zero: there magnitudes are what still changes. A course that grows shows its end best as it is.
    private static func isLong(_ worst: Double, _ best: Double, _ objective: Objective) -> Bool {
        objective.goal == .minimize && best > 0 && worst / best > logSpan
    }

    /// Halves, so that the widest range of doubles has a width.
    private static func place(_ value: Double, _ isLogarithmic: Bool) -> Double {
        isLogarithmic ? log10(value) : value / 2
    }

    /// Where a value stands: 0 at the lower end, 1 at the upper; `nil` when it is off the scale or the scale has no width.
    func height(_ value: Double) -> Double? {
        let (low, high) = (min(worst, best), max(worst, best))
        guard value >= low, value <= high else { return nil }
        let bottom = Self.place(low, isLogarithmic)
        let width = Self.place(high, isLogarithmic) - bottom
        return width > 0 ? (Self.place(value, isLogarithmic) - bottom) / width : nil
    }
}
