import MetricPatterns
import Testing

@Suite("Patterns of metrics")
struct MetricPatternTests {
    /// What patterns find in a line, as text.
    private func find(_ patterns: [String], _ line: String) throws -> [String] {
        let bytes = Array(line.utf8)
        let reader = MetricPatternReader(try patterns.map { try MetricPattern($0) })
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        return bytes.withUnsafeBytes { line in
            reader.findings(in: line).map { finding in
                "\(finding.name)=\(text(finding.value))" + (finding.step.map { "@\(text($0))" } ?? "")
            }
        }
    }

    @Test("a group called after a metric, or groups for name and value, find reports; each match is one")
    func groups() throws {
        let epoch = #"epoch (?P<step>\d+) .* val_acc=(?P<accuracy>[\d.]+)"#
        #expect(try find([epoch], "INFO epoch 12 - loss=0.3 val_acc=0.91 done") == ["accuracy=0.91@12"])
        #expect(try find([epoch], "epoch 12 val_acc=0.91") == [])
        let any = #"(?<name>\w+): (?<value>-?[\d.e+-]+)"#
        #expect(try find([any], "loss: 0.25 - acc: 1e-3") == ["loss=0.25", "acc=1e-3"])
        #expect(try find([epoch, any], "epoch 1 x val_acc=2 a: 3") == ["accuracy=2@1", "a=3"])
        #expect(try find([#"(?P<a>\d)(?:,(?P<b>\d))?"#], "1,2 3") == ["a=1", "b=2", "a=3"])
        #expect(try find([#"größe=(?P<größe>\d+)"#], "größe=12") == ["größe=12"])
    }

    @Test(
        "the match is the one that Perl and Python find",
        arguments: [
            ("(?P<m>a|ab)(?:c|bcd)", "abcd", "m=a"), ("(?P<m>a*)b", "aaab", "m=aaa"), ("^(?P<m>a*?)a", "aaab", "m="),
            ("^(?P<m>.*)=(?P<n>.*)$", "a=b=c", "m=a=b n=c"), ("^(?P<m>.*?)=(?P<n>.*)$", "a=b=c", "m=a n=b=c"),
            ("(?P<m>[^\\s,]+),", "x y12,", "m=y12"), ("\\b(?P<m>\\d{2,3})\\b", "1 1234 567", "m=567"),
            ("(?P<m>\\d{2})$", "1234", "m=34"), ("(?i)ACC=(?P<m>[a-f]+)", "acc=FACE", "m=FACE"),
            ("(?P<m>[]a-]+)", "x]-ax", "m=]-a"), ("\\[(?P<m>[^\\]]*)\\]", "a[b c]", "m=b c"),
            ("(?:(?P<m>x)|y)+", "xy", "m=x"), ("(?P<m>\\x41\\.\\$)", "aA.$", "m=A.$"), ("a{,2}(?P<m>b)", "aab", "m=b"),
            ("x{y(?P<m>.)", "x{yz", "m=z"), ("(?:|a)(?P<m>b)", "ab", "m=b"), ("\\Bb(?P<m>.)", "b1 ab2", "m=2"),
        ]
    )
    func semantics(pattern: String, line: String, expected: String) throws {
        #expect(try find([pattern], line).prefix(2).joined(separator: " ") == expected)
    }

    @Test(
        "what is wrong with a pattern is told with its place",
        arguments: [
            ("(?P<a>\\d", 0, "has no )"), ("a)(?P<a>b)", 1, "closes no group"), ("(?P<a>[0-9)", 6, "has no ]"),
            ("val (\\d+)", 0, "no named group"), ("(?P<step>\\d+)", 0, "no named group"),
            ("(?P<a>*)", 6, "nothing to repeat"),
            ("(?P<a>b**)", 8, "repeats a repetition"), ("(?P<a>b++)", 8, "possessive"),
            ("(?P<a>a)(?P<a>b)", 12, "same name"),
            ("(?P<a>a)(?=b)", 8, "looking ahead"), ("(?P<a>a)(?<=b)", 8, "looking behind"),
            ("(?P<a>a)\\1", 8, "another group"),
            ("(?P<a>\\q)", 6, "\\q is not known"), ("(?P<a>[z-a])", 7, "range is empty"), ("(?P<a>[ä])", 7, "ASCII"),
            ("(?P<a>x{3,2})", 7, "smaller"), ("(?P<a>x{5000})", 7, "at most 1000"), ("(?P<>x)", 4, "no name"),
            ("(?P<a", 4, "no >"), ("(?P<name>a)(?P<value>b)(?P<c>d)", 27, "only step"), ("(?P<a>\\", 6, "ends after"),
            ("(?P<a>(?:x{1000}){1000})", 0, "too large"), ("(?P<a>(?:(?:(?:){1000}){1000}){1000})", 0, "too large"),
            ("(?P<a>" + String(repeating: "(?:", count: 60), 153, "too deeply"), ("(?L)(?P<a>x)", 0, "not known"),
        ]
    )
    func mistakes(pattern: String, offset: Int, message: String) {
        #expect(throws: MetricPatternError.self) { try MetricPattern(pattern) }
        do {
            _ = try MetricPattern(pattern)
        } catch {
            #expect(error.message.contains(message), "\(error.message)")
            #expect(error.offset == offset, "\(error.message)")
        }
    }

    @Test("the text that every match holds is known, so that other lines need not be searched")
    func requiredText() throws {
        for (pattern, text) in [
            (#"epoch (?P<step>\d+) .* val_acc=(?P<a>[\d.]+)"#, " val_acc="), ("(?P<a>x)?y+zz", "zz"),
            ("(?P<a>ab|cd)", ""),
            ("(?i)ab(?P<a>1)", "1"), ("(?P<a>abc){2}d", "abc"),
        ] {
            #expect(String(decoding: try MetricPattern(pattern).requiredText, as: UTF8.self) == text)
        }
    }

    @Test(
        "patterns that would keep a backtracking engine busy for ever are done with a long line in one go",
        arguments: ["(?P<a>(?:x+x+)+y)", "(?P<a>(?:x|x)*)y", "(?:x?){30}x{30}(?P<a>y)", "(?P<a>(?:.*.*.*=)+)!"]
    )
    func hostile(pattern: String) throws {
        #expect(try find([pattern], String(repeating: "x", count: 2000)) == [])
    }

    @Test("lines beyond the limit are passed over, and a line gives so many matches at most")
    func limits() throws {
        let line = String(repeating: "1", count: MetricPattern.maximumLineBytes)
        #expect(try find([#"(?P<a>\d)"#], line).count == MetricPatternReader.maximumMatches)
        #expect(try find([#"(?P<a>\d)"#], line + "1") == [])
        #expect(throws: MetricPatternError.self) {
            try MetricPattern("(?P<a>x)" + String(repeating: "y", count: MetricPattern.maximumLength))
        }
    }
}
