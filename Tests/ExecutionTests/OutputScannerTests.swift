import ExperimentModel
import MetricPatterns
import Testing

@testable import Execution

private let mark = "Attempted to log scalar metric "

@Suite("Reports in output")
struct OutputScannerTests {
    private struct Found: Equatable {
        var reports: [MetricReport]
        var channel: ObservationCollector.Channel
    }

    /// Feeds a text in pieces of a size.
    private func scan(
        _ text: String,
        _ stream: LogChunk.Stream = .stdout,
        patterns: [String] = [],
        size: Int = 1000
    ) throws -> [Found] {
        var scanner = OutputScanner(stream, patterns: try patterns.map { try MetricPattern($0) })
        var found: [Found] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(bytes.count, start + size)].withUnsafeBytes {
                scanner.feed($0) { found.append(Found(reports: $0, channel: $1)) }
            }
        }
        scanner.finish { found.append(Found(reports: $0, channel: $1)) }
        return found
    }

    @Test("the two lines of azureml-core report, however the stream is cut", arguments: [1, 5, 33, 34, 1000])
    func azure(size: Int) throws {
        let text = "x\n\(mark)val acc:\n0.25\nloss=1\n\(mark)loss:\r\nnan\r\n\(mark)a:\n1"
        let found = try scan(text, size: size)
        #expect(found.map(\.channel) == [.azure, .output(.stdout), .azure, .azure])
        #expect(found.map { $0.reports.map(\.name) } == [["val acc"], ["loss"], ["loss"], ["a"]])
        #expect(found[0].reports == [MetricReport(name: "val acc", value: 0.25)])
    }

    @Test(
        "only the very next line is the value, and only on standard output",
        arguments: [
            ("\(mark)a:\n\n1\n", LogChunk.Stream.stdout), ("\(mark)a:\nother\n1\n", .stdout),
            ("\(mark):\n1\n", .stdout),
            (" \(mark)a:\n1\n", .stdout), ("\(mark)a\n1\n", .stdout), ("\(mark)a:\n[1]\n", .stdout),
            ("Attempted to log list metric a:\n1\n", .stdout), ("\(mark)a:\n1\n", .stderr),
            ("\(mark)a:\n\(String(repeating: "x", count: MetricLineParser.maximumLineBytes + 1))\n1\n", .stdout),
        ]
    )
    func notAzure(text: String, stream: LogChunk.Stream) throws {
        #expect(try scan(text, stream).isEmpty)
        #expect(try scan(text, stream, size: 3).isEmpty)
    }

    @Test("an announced value that is a line of pairs is read as that, and another announcement takes the place of one")
    func announced() throws {
        #expect(try scan("\(mark)a:\nb=2\n").map(\.channel) == [.output(.stdout)])
        let found = try scan("\(mark)a:\n\(mark)b:\n3\n")
        #expect(found == [Found(reports: [MetricReport(name: "b", value: 3)], channel: .azure)])
    }

    @Test(
        "patterns report in both outputs, with a number at the end of a sentence",
        arguments: LogChunk.Stream.allCases
    )
    func patterns(stream: LogChunk.Stream) throws {
        let found = try scan(
            "noise\nepoch 3 val_acc=0.5.\nepoch 4 val_acc=...\nval_acc=nan\n",
            stream,
            patterns: [#"epoch (?P<step>\d+) val_acc=(?P<accuracy>[\d.]+)"#]
        )
        let report = MetricReport(name: "accuracy", value: 0.5, step: 3)
        #expect(found.prefix(1) == [Found(reports: [report], channel: .pattern(stream))])
        #expect(found.count == 2)
        // What is a line of pairs as well comes second, so that the pattern is the channel.
        let both = try scan("accuracy=1\n", stream, patterns: ["accuracy=(?P<accuracy>.*)"])
        #expect(both.map(\.channel) == [.pattern(stream), .output(stream)])
    }
}
