import Foundation
import Testing

@testable import Execution

@Suite("Metrics file")
struct MetricsFileTailTests {
    private func append(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
    }

    @Test("lines are read as they are appended, and an incomplete one waits")
    func appends() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/m"
        let tail = MetricsFileTail(path: path)
        var values: [Double] = []
        tail.poll { values += $0.map(\.value) }
        try append("{\"loss\": 1}\n{\"lo", to: path)
        tail.poll { values += $0.map(\.value) }
        #expect(values == [1])
        try append("ss\": 2}\n{\"loss\": 3}", to: path)
        tail.poll { values += $0.map(\.value) }
        #expect(values == [1, 2])
        tail.finish { values += $0.map(\.value) }
        #expect(values == [1, 2, 3])
    }

    @Test("a file that is replaced, truncated or rewritten is read from its beginning")
    func replaced() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/m"
        let tail = MetricsFileTail(path: path)
        var values: [Double] = []
        try append("loss=1\nloss=2\n", to: path)
        tail.poll { values += $0.map(\.value) }
        try Data("loss=3\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        tail.poll { values += $0.map(\.value) }
        #expect(values == [1, 2, 3])
        #expect(truncate(path, 0) == 0)
        tail.poll { values += $0.map(\.value) }
        try append("loss=4\n", to: path)
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        tail.poll { values += $0.map(\.value) }
        #expect(values == [1, 2, 3, 4])
        // The same size with another time: the trial wrote the file anew.
        let file = open(path, O_WRONLY)
        try #require(pwrite(file, "loss=5\n", 7, 0) == 7)
        close(file)
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
        tail.finish { values += $0.map(\.value) }
        #expect(values == [1, 2, 3, 4, 5])
    }

    @Test("a file that is touched, or just being appended to, is not read again")
    func touched() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/m"
        let tail = MetricsFileTail(path: path)
        var values: [Double] = []
        // More than is compared.
        let text = (0..<1000).map { "loss=\($0)\n" }.joined()
        try append(text, to: path)
        tail.poll { values += $0.map(\.value) }
        let time = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path, time, 0) == 0)
        tail.poll { values += $0.map(\.value) }
        try append("loss=1000\n", to: path)
        tail.finish { values += $0.map(\.value) }
        #expect(values == (0...1000).map { Double($0) })
    }

    @Test("a link, a pipe and a directory in its place are not read and not waited for")
    func others() throws {
        let directory = try TemporaryDirectory()
        try append("loss=1\n", to: directory.path + "/real")
        #expect(symlink(directory.path + "/real", directory.path + "/link") == 0)
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        for name in ["link", "pipe", ""] {
            let tail = MetricsFileTail(path: directory.path + "/" + name)
            tail.poll { _ in Issue.record("\(name) was read") }
            tail.finish { _ in Issue.record("\(name) was read") }
        }
    }

    @Test("of a file beyond the limit the last lines are read")
    func huge() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/m"
        try append("loss=1\n", to: path)
        #expect(truncate(path, off_t(1) << 40) == 0)
        try append("\nloss=2\n", to: path)
        let tail = MetricsFileTail(path: path)
        var values: [Double] = []
        tail.poll { values += $0.map(\.value) }
        tail.finish { values += $0.map(\.value) }
        #expect(values == [2])
    }
}
