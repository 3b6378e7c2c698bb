import Foundation
import Glibc
import Testing

@testable import Execution

@Suite("File of cloudml-hypertune")
struct HypertuneFileTests {
    /// The lines that the client has written after so many reports: the last hundred.
    private func lines(_ reports: Range<Int>) -> [String] {
        reports.suffix(100).map { number in
            """
            {"checkpoint_path": "", "global_step": "\(number)", "rmse": "0.\(1000 + number)", \
            "timestamp": 1525851440.\(1000 + number), "trial": "7"}\n
            """
        }
    }

    private func write(_ text: String, to path: String) throws {
        // Not in one step: the same file is written anew, as the client does.
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        try #require(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
    }

    @Test("every report counts once and in order, across rewrites, cuts and the limit of a hundred")
    func once() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/m"
        let file = HypertuneFile(path: path)
        var steps: [Int64?] = []
        file.poll { _ in Issue.record("there is no file") }
        for count in [1, 2, 60, 130, 131, 229] {
            let text = lines(1..<(count + 1)).joined()
            // Empty, cut within a line, cut between two, complete; each as often as a reader may look.
            for part in ["", String(text.prefix(text.count - 40)), String(text.prefix(text.count / 2)), text, text] {
                try write(part, to: path)
                file.poll { steps += $0.map(\.step) }
            }
        }
        #expect(steps == (1..<230).map { Int64($0) })
    }

    @Test("clients that take turns, and a clock that is set back, lose nothing")
    func turns() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/m"
        let file = HypertuneFile(path: path)
        var values: [Double] = []
        func line(_ value: Int, time: Int) -> String {
            #"{"loss": "\#(value)", "timestamp": \#(time), "trial": "1"}"# + "\n"
        }
        for text in [
            line(1, time: 10), line(2, time: 20), line(1, time: 10) + line(3, time: 5),
            line(2, time: 20) + line(3, time: 30),
        ] {
            try write(text, to: path)
            file.poll { values += $0.map(\.value) }
        }
        #expect(values == [1, 2, 3, 3])
    }

    @Test(
        "a line is read as the client writes it",
        arguments: [
            (
                #"{"checkpoint_path": "", "global_step": "1000", "rmse": "0.987", "timestamp": 1.5, "trial": "1"}"#,
                "rmse=0.987@1000"
            ),
            (
                #"{"global_step": "0", "training/hptuning/metric": "nan", "timestamp": 1.5}"#,
                "training/hptuning/metric=nan"
            ),
            (#"{"a": "-inf"}"#, "a=-inf"), (#"{"a": "x", "timestamp": 1}"#, "-"), (#"{"a": 1}"#, "-"),
            (#"{"a": "1""#, "-"),
            ("", "-"), ("[1]", "-"), (#"{"trial": "1", "timestamp": 2, "global_step": "4"}"#, "-"),
        ]
    )
    func reading(line: String, expected: String) {
        let report = HypertuneFile.report(in: Array(line.utf8)[...])
        let text = report.map { "\($0.name)=\($0.value)" + ($0.step.map { "@\($0)" } ?? "") }
        #expect(text ?? "-" == expected)
    }

    @Test("a link, a pipe and a directory in its place are not read and not waited for")
    func others() throws {
        let directory = try TemporaryDirectory()
        try write(lines(1..<2).joined(), to: directory.path + "/real")
        #expect(symlink(directory.path + "/real", directory.path + "/link") == 0)
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        for name in ["link", "pipe", ""] {
            HypertuneFile(path: directory.path + "/" + name).poll { _ in Issue.record("\(name) was read") }
        }
    }

    @Test("while another process rewrites it as fast as it can, nothing is invented or counted twice")
    func race() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/m"
        let count = 2000
        let writer = Thread {
            for number in 1...count {
                let text = lines(1..<(number + 1)).joined()
                let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
                // In two parts, as a program does whose buffer is smaller.
                let bytes = Array(text.utf8)
                let half = min(8192, bytes.count)
                _ = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, half) }
                _ = bytes.dropFirst(half).withUnsafeBytes { Glibc.write(file, $0.baseAddress, bytes.count - half) }
                close(file)
            }
        }
        let file = HypertuneFile(path: path)
        var steps: [Int64] = []
        writer.start()
        while !writer.isFinished { file.poll { steps += $0.compactMap(\.step) } }
        file.poll { steps += $0.compactMap(\.step) }
        #expect(Set(steps).count == steps.count)
        #expect(steps == steps.sorted())
        #expect(steps.suffix(100) == ((count - 99)...count).map { Int64($0) }.suffix(100))
    }
}
