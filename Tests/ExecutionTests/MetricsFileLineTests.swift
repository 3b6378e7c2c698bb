import Foundation
import Glibc
import Testing

@testable import Execution

@Suite("Lines of hyperworker report")
struct MetricsFileLineTests {
    @Test("arguments become a JSON line that the reader understands as they were meant")
    func lines() throws {
        let line = try MetricsFileLine(arguments: ["val \"loss\"\n=1e-5", "a=.5", "step=4", "c=inf"])
        #expect(line.text == #"{"val \"loss\"\u000a": 1e-05, "a": 0.5, "c": Infinity, "step": 4}"#)
        #expect(
            MetricLineParser.parse(Array(line.text.utf8)) == [
                MetricReport(name: "val \"loss\"\n", value: 1e-5, step: 4),
                MetricReport(name: "a", value: 0.5, step: 4),
                MetricReport(name: "c", value: .infinity, step: 4),
            ]
        )
    }

    @Test(
        "what is no report is refused, with what to write instead",
        arguments: [
            (["accuracy"], "write NAME=VALUE"), (["=1"], "write NAME=VALUE"),
            (["a=good"], "\"a\" is no number: \"good\""),
            (["a=b=1"], "no number"), (["a="], "no number"), (["a=1", "step=1.5"], "one whole number"),
            (["a=1", "step=1", "step=2"], "one whole number"), (["step=1"], "no metric"), ([], "no metric"),
            (["a=1", "a=2"], "twice"), ([String(repeating: "n", count: 300) + "=1"], "longer than 256 bytes"),
            (["a\u{1B}[2J"], "\\u{1b}"),
        ]
    )
    func mistakes(arguments: [String], message: String) {
        do throws(MetricsFileError) {
            let line = try MetricsFileLine(arguments: arguments)
            Issue.record("\(line.text) was taken")
        } catch {
            #expect(error.isUsage)
            #expect(error.description.contains(message), "\(error)")
            #expect(!error.description.contains("\u{1B}"))
        }
    }

    @Test("lines of several processes are appended whole, and what is no plain file is refused")
    func appends() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/metrics.jsonl"
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    do {
                        for step in 0..<50 {
                            try MetricsFileLine(arguments: ["a=\(number)", "step=\(step)"]).append(to: path)
                        }
                    } catch {
                        Issue.record(error)
                    }
                }
            }
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 400)
        #expect(lines.allSatisfy { MetricLineParser.parse(Array($0.utf8)).count == 1 })
        let line = try MetricsFileLine(arguments: ["a=1"])
        #expect(symlink(path, directory.path + "/link") == 0)
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        for name in ["link", "pipe", "", "no/such"] {
            #expect(throws: MetricsFileError.self) { try line.append(to: directory.path + "/" + name) }
        }
    }
}
