import Dispatch
import ExperimentModel
import Foundation
import Glibc
import Logging
import Synchronization
import Testing
import TuningTestKit

@testable import ResultSpool

@Suite("The spool of results", .timeLimit(.minutes(2)))
struct ResultSpoolTests {
    /// A work directory that is gone after the body.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "results-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private func spool(
        _ directory: String,
        _ worker: String = "node:12:ab",
        noteDelay: DispatchTimeInterval = ResultSpool.noteDelay,
        writer: ResultSpool.Writer? = nil
    ) -> ResultSpool {
        ResultSpool(
            workDirectory: directory,
            worker: WorkerID(worker),
            logger: .silent,
            noteDelay: noteDelay,
            writer: writer
        )
    }

    private let result = SpooledResultTests.result()

    @Test("a living worker's results are its own; when it is gone, the next takes them, and only one does")
    func takeover() async throws {
        try await withDirectory { directory in
            var first: ResultSpool? = spool(directory)
            #expect(await first?.keep(result) == true)
            let path = "\(directory)/spool/12-ab/es0000001-7-2.json"
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            let second = spool(directory, "node:13:cd")
            #expect(await second.abandoned().isEmpty)
            // Like the end of its process: its lock is gone, its files are not.
            first = nil
            let taken = await second.abandoned()
            #expect(taken.map(\.path) == ["\(directory)/spool/12-ab"])
            #expect(await spool(directory, "node:14:ef").abandoned().isEmpty)
            let file = try #require(taken.first?.results.first)
            #expect(try await second.read(file).get() == result)
            await second.remove(file)
            for directory in taken { await second.release(directory) }
            #expect(!FileManager.default.fileExists(atPath: "\(directory)/spool/12-ab"))
        }
    }

    @Test("what is forgotten is gone, and a spool that is closed leaves no directory")
    func forgotten() async throws {
        try await withDirectory { directory in
            let (written, writing) = AsyncStream.makeStream(of: Void.self)
            let spool = spool(directory, noteDelay: .nanoseconds(0)) { bytes, path, isDurable in
                try SpoolFile.write(bytes, to: path, isDurable: isDurable)
                writing.yield()
            }
            spool.note(result)
            for await _ in written { break }
            #expect(await spool.result(of: result.trial, attempt: 2) == result)
            spool.forget(result.trial, attempt: 2)
            #expect(await spool.result(of: result.trial, attempt: 2) == nil)
            await spool.close()
            #expect(SpoolDirectory.all(in: directory).isEmpty)
        }
    }

    @Test("a note of what the store has soon is never written")
    func unwritten() async throws {
        try await withDirectory { directory in
            let spool = spool(directory, noteDelay: .seconds(3600))
            spool.note(result)
            spool.forget(result.trial, attempt: 2)
            #expect(await spool.result(of: result.trial, attempt: 2) == nil)
            #expect(!FileManager.default.fileExists(atPath: directory + "/spool"))
        }
    }

    @Test("a directory that somebody removes is made again")
    func removed() async throws {
        try await withDirectory { directory in
            let spool = spool(directory)
            #expect(await spool.keep(result))
            try FileManager.default.removeItem(atPath: directory + "/spool")
            #expect(await spool.keep(result))
            #expect(SpoolOverview(of: directory).entries.map(\.name) == ["12-ab/es0000001-7-2.json"])
        }
    }

    @Test("a full disk is no end: the result is taken when there is room again")
    func fullDisk() async throws {
        try await withDirectory { directory in
            let isFull = Mutex(true)
            let full = SpoolError.system(path: "x", code: ENOSPC)
            let isFullNow: @Sendable () -> Bool = { isFull.withLock { $0 } }
            let spool = spool(directory) { bytes, path, isDurable in
                if isFullNow() { throw full }
                try SpoolFile.write(bytes, to: path, isDurable: isDurable)
            }
            #expect(await !spool.keep(result))
            isFull.withLock { $0 = false }
            #expect(await spool.keep(result))
            #expect(await spool.result(of: result.trial, attempt: 2) == result)
        }
    }

    @Test("a write that fails half-way leaves the file as it was")
    func atomic() async throws {
        try await withDirectory { directory in
            let path = directory + "/file"
            try SpoolFile.write([1, 2], to: path, isDurable: true)
            // A directory in the place of the temporary file: it cannot be opened for writing.
            try FileManager.default.createDirectory(atPath: path + ".new", withIntermediateDirectories: false)
            #expect(throws: SpoolError.self) { try SpoolFile.write([3], to: path, isDurable: false) }
            #expect(FileManager.default.contents(atPath: path) == Data([1, 2]))
        }
    }

    @Test("links, directories and files that are too large are not read")
    func hostileFiles() async throws {
        try await withDirectory { directory in
            let place = directory + "/spool/1-a"
            try FileManager.default.createDirectory(atPath: place + "/d.json", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: place + "/l.json", withDestinationPath: "/etc/passwd")
            #expect(FileManager.default.createFile(atPath: place + "/big.json", contents: nil))
            truncate(place + "/big.json", off_t(SpoolFile.largestBytes + 1))
            for name in ["d.json", "l.json", "big.json"] {
                #expect(throws: SpoolError.self) { _ = try SpoolFile(directory: place, name: name).read() }
            }
        }
    }

    @Test("an overview tells what waits, what is in use and what was set aside; only what nobody uses is removed")
    func overview() async throws {
        try await withDirectory { directory in
            let living = spool(directory, "node:12:ab")
            #expect(await living.keep(result))
            let place = directory + "/spool/9-cd"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            #expect(FileManager.default.createFile(atPath: place + "/x.json.bad", contents: Data("?".utf8)))
            let entries = SpoolOverview(of: directory).entries
            #expect(entries.map(\.name) == ["12-ab/es0000001-7-2.json", "9-cd/x.json.bad"])
            #expect(entries.map(\.isInUse) == [true, false] && entries.map(\.isBad) == [false, true])
            #expect(SpoolOverview.remove(entries[0].name, in: directory)?.contains("lives") == true)
            #expect(SpoolOverview.remove(entries[1].name, in: directory) == nil)
            #expect(SpoolOverview.remove("../x", in: directory) != nil)
            #expect(SpoolOverview(of: directory).entries.count == 1)
            await living.close()
        }
    }
}
