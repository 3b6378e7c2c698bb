/// A regular expression that finds reports in lines of output.
///
/// Its named groups say what is reported: `name` and `value`, or one group for each metric, called as the metric; a group
/// `step` beside them gives the step. Each match in a line reports. Lines are read as bytes, UTF-8 in the pattern as in the
/// line.
public struct MetricPattern: Sendable {
    /// Lines beyond this length are not searched.
    public static let maximumLineBytes = 8 << 10
    /// Patterns beyond this length are refused.
    public static let maximumLength = 1000
    /// The group that gives the step.
    public static let stepGroup = "step"
    private static let nameGroup = "name"
    private static let valueGroup = "value"

    /// A metric that a group is called after.
    public struct Group: Sendable, Hashable {
        /// The name of the group, and of the metric.
        public var name: String
        /// Where the name stands in the pattern, in Unicode scalars.
        public var offset: Int
    }

    enum Meaning: Sendable {
        case named(name: Int, value: Int)
        case metrics([(name: String, group: Int)])
    }

    /// The pattern as it was written.
    public let text: String
    /// The metrics that groups are called after; empty for a pattern that finds the name in the line.
    public let metrics: [Group]
    let meaning: Meaning
    let step: Int?
    let program: PatternProgram

    /// A pattern.
    /// - Throws: what is wrong with it.
    public init(_ text: String) throws(MetricPatternError) {
        guard text.unicodeScalars.count <= Self.maximumLength else {
            throw MetricPatternError(
                offset: 0,
                message: "a pattern has at most \(Self.maximumLength) characters"
            )
        }
        self.text = text
        var parser = PatternParser(text)
        let node = try parser.parse()
        func number(_ name: String) -> Int? { parser.groups.firstIndex { $0.name == name }.map { $0 + 1 } }
        step = number(Self.stepGroup)
        let others = parser.groups.enumerated().filter { $0.element.name != Self.stepGroup }
        guard !others.isEmpty else {
            throw MetricPatternError(
                offset: 0,
                message:
                    "the pattern has no named group for a value; write one such as (?P<accuracy>[\\d.]+), called as the metric"
            )
        }
        if let name = number(Self.nameGroup), let value = number(Self.valueGroup) {
            meaning = .named(name: name, value: value)
            metrics = []
            let known = [Self.nameGroup, Self.valueGroup]
            if let extra = others.first(where: { !known.contains($0.element.name) }) {
                throw MetricPatternError(
                    offset: extra.element.offset,
                    message: "beside the groups name and value only step has a meaning"
                )
            }
        } else {
            meaning = .metrics(others.map { ($0.element.name, $0.offset + 1) })
            metrics = others.map { Group(name: $0.element.name, offset: $0.element.offset) }
        }
        program = try PatternProgram(node, groups: parser.groups.count)
    }

    /// A text that stands in every line that the pattern matches; empty when there is none.
    public var requiredText: [UInt8] { program.requiredText }
}
