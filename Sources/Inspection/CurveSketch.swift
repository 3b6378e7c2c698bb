public import ExperimentModel

/// The whole course of the objective in an attempt, in bounded memory: exact while it is short, then averages over equal
/// numbers of reports.
public struct CurveSketch: Sendable, Hashable {
    /// Points beyond which neighbours are put together; even, so that all points stand for as many reports.
    public static let capacity = 128

    /// A place on the curve.
    public struct Point: Sendable, Hashable {
        /// The step that the report named; of an average, the last one.
        public var step: Int64
        /// The value; of an average, NaN when none is finite.
        public var value: Double

        /// A place.
        public init(step: Int64, value: Double) {
            self.step = step
            self.value = value
        }
    }

    private struct Group: Sendable, Hashable {
        var step: Int64
        var sum = 0.0
        var finiteCount = 0
        var count = 0

        mutating func add(_ other: Group) {
            step = other.step
            sum += other.sum
            finiteCount += other.finiteCount
            count += other.count
        }

        var point: Point { Point(step: step, value: finiteCount > 0 ? sum / Double(finiteCount) : .nan) }
    }

    private let objective: Objective
    private var groups: [Group] = []
    private var bestReport = 0

    /// How many reports there were.
    public private(set) var reports = 0
    /// How many reports a point stands for, but for the last one, which may stand for fewer.
    public private(set) var reportsPerPoint = 1
    /// The first report.
    public private(set) var first: Point?
    /// The newest report.
    public private(set) var last: Point?
    /// The best finite report, the earliest of equals.
    public private(set) var best: Point?

    /// A curve without reports.
    public init(_ objective: Objective) { self.objective = objective }

    /// The curve of an attempt, from observations in their order; those of other attempts and metrics are left out.
    public init(_ observations: some Sequence<Observation>, attempt: Int, objective: Objective) {
        self.init(objective)
        for observation in observations where observation.attempt == attempt && observation.metric == objective.metric {
            add(step: observation.step, value: observation.value)
        }
    }

    /// Takes in the next report.
    public mutating func add(step: Int64, value: Double) {
        let point = Point(step: step, value: value)
        if first == nil { first = point }
        last = point
        if value.isFinite, best.map({ objective.isBetter(value, than: $0.value) }) ?? true {
            best = point
            bestReport = reports
        }
        reports += 1
        let report = Group(
            step: step,
            sum: value.isFinite ? value : 0,
            finiteCount: value.isFinite ? 1 : 0,
            count: 1
        )
        if let index = groups.indices.last, groups[index].count < reportsPerPoint {
            groups[index].add(report)
            return
        }
        if groups.count == Self.capacity {
            halve()
            reportsPerPoint *= 2
        }
        groups.append(report)
    }

    /// The curve, at most ``capacity`` points.
    public var points: [Point] { groups.map(\.point) }

    /// At most `width` values for as many columns, and which of them holds the best report.
    public func columns(_ width: Int) -> (values: [Double], best: Int?) {
        let points = points
        let bestPoint = best == nil ? nil : bestReport / reportsPerPoint
        guard width > 0 else { return ([], nil) }
        guard points.count > width else { return (points.map(\.value), bestPoint) }
        let values = (0..<width).map { column in
            let first = column * points.count / width
            let values = points[first..<(column + 1) * points.count / width].map(\.value).filter(\.isFinite)
            return values.isEmpty ? .nan : values.reduce(0) { $0 + $1 / Double(values.count) }
        }
        return (values, bestPoint.map { ($0 * width + width - 1) / points.count })
    }

    private mutating func halve() {
        groups = stride(from: 0, to: groups.count, by: 2).map { index in
            var group = groups[index]
            if index + 1 < groups.count { group.add(groups[index + 1]) }
            return group
        }
    }
}
