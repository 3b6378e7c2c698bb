/// Finds what patterns match in lines.
///
/// Not for several threads at once.
public final class MetricPatternReader {
    /// Matches of one pattern in a line; further ones are passed over.
    public static let maximumMatches = 64

    /// One value that was found: places in the line.
    public struct Finding: Sendable, Hashable {
        /// The name of the metric.
        public var name: String
        /// Where its value stands.
        public var value: Range<Int>
        /// Where the step stands, if the pattern has a group for it that took part.
        public var step: Range<Int>?
    }

    private let matchers: [(pattern: MetricPattern, matcher: PatternMatcher)]

    /// A reader of some patterns.
    public init(_ patterns: [MetricPattern]) {
        matchers = patterns.map { ($0, PatternMatcher($0.program)) }
    }

    /// What stands in a line, pattern by pattern; empty for a line that is too long.
    public func findings(in line: UnsafeRawBufferPointer) -> [Finding] {
        guard line.count <= MetricPattern.maximumLineBytes else { return [] }
        var findings: [Finding] = []
        for (pattern, matcher) in matchers {
            var start = 0
            var count = 0
            while start <= line.count, count < Self.maximumMatches, let places = matcher.match(line, from: start) {
                findings += Self.findings(of: pattern, at: places, line)
                count += 1
                // An empty match must not be found again.
                start = places[1] + (places[1] == places[0] ? 1 : 0)
            }
        }
        return findings
    }

    private static func findings(
        of pattern: MetricPattern,
        at places: [Int],
        _ line: UnsafeRawBufferPointer
    ) -> [Finding] {
        func range(_ group: Int) -> Range<Int>? {
            let (begin, end) = (places[2 * group], places[2 * group + 1])
            return begin >= 0 && end >= begin ? begin..<end : nil
        }
        let step = pattern.step.flatMap(range)
        switch pattern.meaning {
        case .named(let name, let value):
            guard let name = range(name), let value = range(value), !name.isEmpty,
                let text = String(validating: line[name], as: UTF8.self)
            else { return [] }
            return [Finding(name: text, value: value, step: step)]
        case .metrics(let groups):
            return groups.compactMap { group in
                range(group.group).map { Finding(name: group.name, value: $0, step: step) }
            }
        }
    }
}
