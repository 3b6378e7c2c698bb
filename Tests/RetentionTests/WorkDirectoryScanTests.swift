import ExperimentModel
import Foundation
import Glibc
import Testing

@testable import Retention

@Suite("The work directory of a host")
struct WorkDirectoryScanTests {
    private let manager = FileManager.default

    private func withRoot(_ body: (String) throws -> Void) throws {
        let base = manager.temporaryDirectory.appending(path: "hyper-retention-\(UInt64.random(in: .min ... .max))")
        try manager.createDirectory(at: base, withIntermediateDirectories: true)
        defer { try? manager.removeItem(at: base) }
        try body(base.path)
    }

    private func write(_ path: String, _ bytes: Int) throws {
        let parent = (path as NSString).deletingLastPathComponent
        try manager.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(repeating: 1, count: bytes).write(to: URL(filePath: path))
    }

    @Test("only what has our names is found, with its sizes, and never through a link")
    func finding() throws {
        try withRoot { base in
            let root = base + "/work"
            try write(root + "/es1a2b3c4/17-2/params.json", 10)
            try write(root + "/es1a2b3c4/17-2/output/model/weights", 300)
            try write(base + "/elsewhere/5-1/output/precious", 1000)
            for name in ["notes.txt", "es1a2b3c4/readme", "es1a2b3c4/1-1x/f", "es1a2b3c4/01-1/f", "other/1-1/f"] {
                try write("\(root)/\(name)", 1)
            }
            let link = (from: root + "/es1a2b3c4/17-2/output/link", to: base + "/elsewhere")
            for (from, to) in [(root + "/es7777777", base + "/elsewhere"), link, (root + "/es1a2b3c4/3-1", base)] {
                try manager.createSymbolicLink(atPath: from, withDestinationPath: to)
            }
            try write(root + "/.log-123-456", 8)
            try write(root + "/.log-x-456", 8)

            let scan = WorkDirectoryScan(root: root)
            let found = scan.attempts()
            #expect(found.map(\.trial) == [TrialID(experiment: ExperimentID("es1a2b3c4"), number: 17)])
            #expect(found.first?.attempt == 2)
            #expect(found.first?.bytes == 310 && found.first?.artifactBytes == 300)
            #expect(found.allSatisfy { $0.changedAt.milliseconds > 0 && $0.standing == .unknown })
            #expect(scan.spools().map(\.processID) == [123])

            // Whatever the trial did to its directory, it goes, and what its links point to stays.
            try manager.setAttributes([.posixPermissions: 0], ofItemAtPath: root + "/es1a2b3c4/17-2/output/model")
            for files in found { #expect(scan.remove(files) == nil) }
            for spool in scan.spools() { #expect(scan.remove(spool) == nil) }
            #expect(scan.attempts().isEmpty && scan.spools().isEmpty)
            #expect(!manager.fileExists(atPath: root + "/es1a2b3c4/17-2"))
            for kept in [
                "/elsewhere/5-1/output/precious", "/work/notes.txt", "/work/es1a2b3c4/readme", "/work/other/1-1/f",
            ] {
                #expect(manager.fileExists(atPath: base + kept), "\(kept)")
            }
            // Once more: what is gone is gone.
            for files in found { #expect(scan.remove(files) == nil) }
        }
    }

    @Test("a directory that a worker holds stays until the worker lets go of it")
    func held() throws {
        try withRoot { root in
            try write(root + "/es1a2b3c4/1-1/output/model", 1)
            let scan = WorkDirectoryScan(root: root)
            let found = try #require(scan.attempts().first)
            let holder = open(root + "/es1a2b3c4/1-1", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            try #require(flock(holder, LOCK_SH | LOCK_NB) == 0)
            #expect(scan.remove(found)?.hasSuffix("an attempt runs in it") == true)
            #expect(manager.fileExists(atPath: root + "/es1a2b3c4/1-1/output/model"))
            close(holder)
            #expect(scan.remove(found) == nil)
            #expect(scan.attempts().isEmpty)
        }
    }

    @Test("the directory of an experiment goes with its last attempt")
    func lastAttempt() throws {
        try withRoot { root in
            try write(root + "/es1a2b3c4/1-1/metrics.jsonl", 1)
            try write(root + "/es1a2b3c4/2-1/metrics.jsonl", 1)
            let scan = WorkDirectoryScan(root: root)
            let found = scan.attempts()
            #expect(scan.remove(found[0]) == nil)
            #expect(manager.fileExists(atPath: root + "/es1a2b3c4"))
            #expect(scan.remove(found[1]) == nil)
            #expect(!manager.fileExists(atPath: root + "/es1a2b3c4"))
            #expect(manager.fileExists(atPath: root))
        }
    }

    @Test("a name that leads out of the work directory is refused")
    func outside() throws {
        try withRoot { root in
            try write(root + "/precious/1-1/f", 1)
            let files = AttemptFiles(
                trial: TrialID(experiment: ExperimentID("../precious"), number: 1),
                attempt: 1,
                bytes: 1,
                artifactBytes: 0,
                changedAt: Timestamp(milliseconds: 0)
            )
            try write(root + "/work/f", 1)
            #expect(WorkDirectoryScan(root: root + "/work").remove(files) != nil)
            #expect(manager.fileExists(atPath: root + "/precious/1-1/f"))
        }
    }

    @Test("a work directory that does not exist holds nothing")
    func missing() {
        let scan = WorkDirectoryScan(root: "/nonexistent/hyper")
        #expect(scan.attempts().isEmpty && scan.spools().isEmpty && !scan.exists)
    }
}
