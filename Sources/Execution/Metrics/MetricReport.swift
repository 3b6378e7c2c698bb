/// A value of a metric as some channel reported it, before it is decided whether it counts.
public struct MetricReport: Sendable, Equatable {
    /// Name of the metric.
    public var name: String
    /// Its value, which may be NaN or infinite.
    public var value: Double
    /// The step that was named with it.
    public var step: Int64?

    /// A report.
    public init(name: String, value: Double, step: Int64? = nil) {
        self.name = name
        self.value = value
        self.step = step
    }
}
