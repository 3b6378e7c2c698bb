/// What is wrong with a pattern, and where.
public struct MetricPatternError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Offset in the pattern, in Unicode scalars.
    public var offset: Int
    /// What is wrong and what to do, one line.
    public var message: String

    /// What is wrong, without its place.
    public var description: String { message }
}
