import ExperimentFile
import ExperimentModel
import Testing

@Suite("Key metrics_pattern")
struct MetricPatternKeyTests {
    private static let frame = Reading.frame + "search_space: {x: [1, 2]}\nmetrics: [f1]\n"

    @Test("one pattern or a list of them is read, and written as a list")
    func reading() throws {
        let one = try Reading.definition(Self.frame + #"metrics_pattern: 'f1 is (?P<f1>[\d.]+)'"#)
        #expect(one.metricsPatterns == [#"f1 is (?P<f1>[\d.]+)"#])
        let two = try Reading.definition(
            Self.frame + #"metrics_pattern: ["(?P<loss>\\d) at (?P<step>\\d)", '(?<name>\w+): (?<value>\S+)']"#
        )
        #expect(two.metricsPatterns == [#"(?P<loss>\d) at (?P<step>\d)"#, #"(?<name>\w+): (?<value>\S+)"#])
        for definition in [one, two] {
            let again = try Reading.definition(ExperimentFile.yaml(of: definition))
            #expect(again.metricsPatterns == definition.metricsPatterns)
        }
        #expect(try Reading.definition(Self.frame).metricsPatterns == [])
    }

    @Test(
        "mistakes are told with their place in the file",
        arguments: [
            (#"'(?P<loss>\d+'"#, "6:19: error: metrics_pattern: this ( has no )"),
            (#"'loss (\d+)'"#, "6:19: error: metrics_pattern: the pattern has no named group"),
            (#"'(?P<f2>\d+)'"#, "6:23: error: the group \"f2\" of metrics_pattern is neither"),
            (#"['x (?P<loss>x)', "y\\d(?P<f1>\\q)"]"#, "6:48: error: metrics_pattern: \\q is not known"),
            ("{a: b}", "6:18: error: metrics_pattern must be a text, not a mapping"),
            ("[" + String(repeating: "'(?P<loss>x)',", count: 17) + "]", "6:18: error: metrics_pattern must be"),
        ]
    )
    func mistakes(value: String, message: String) throws {
        let messages = Reading.messages(Self.frame + "metrics_pattern: \(value)\n")
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("search.yaml:" + message) == true, "\(messages)")
    }
}
