import ExperimentModel
import ResultSpool
import Testing

@testable import Diagnosis

@Suite("Judging a machine")
struct MachineJudgementTests {
    @Test(
        "free space",
        arguments: [
            (UInt64(0), Finding.Level.fail), (200 << 20 - 1, .fail), (200 << 20, .warn), (5 << 30 - 1, .warn),
            (5 << 30, .ok),
        ]
    )
    func freeBytes(bytes: UInt64, level: Finding.Level) {
        #expect(DiskJudgement.level(freeBytes: bytes) == level)
    }

    @Test(
        "files that can still be made",
        arguments: [(UInt64(0), Finding.Level.fail), (999, .fail), (1000, .warn), (49_999, .warn), (50_000, .ok)]
    )
    func freeFiles(files: UInt64, level: Finding.Level) {
        #expect(DiskJudgement.level(freeFiles: files) == level)
        #expect(DiskJudgement.level(freeFiles: nil) == .ok)
    }

    @Test(
        "results that wait for a worker, and such as cannot be read, are worth a warning; those in a worker's hands are not"
    )
    func results() {
        func entry(_ name: String, isInUse: Bool = false, isBad: Bool = false) -> SpoolOverview.Entry {
            SpoolOverview.Entry(
                name: name,
                processID: 1,
                bytes: 1,
                changedAt: Timestamp(milliseconds: 0),
                isInUse: isInUse,
                isBad: isBad
            )
        }
        func finding(_ entries: [SpoolOverview.Entry]) -> Finding {
            var overview = SpoolOverview(of: "/nonexistent")
            overview.entries = entries
            return ResultsJudgement.finding(overview, in: "/w")
        }
        #expect(finding([]).level == .ok && finding([]).detail == "no result waits in /w/spool")
        #expect(finding([entry("a", isInUse: true)]).level == .ok)
        let waiting = finding([entry("a", isInUse: true), entry("b")])
        #expect(waiting.level == .warn && waiting.detail.hasPrefix("1 result waits in /w/spool"))
        let bad = finding([entry("b"), entry("c", isBad: true)])
        #expect(bad.level == .warn && bad.detail == "1 file in /w/spool cannot be read: c")
    }

    @Test("a file system that does not answer is no reason to fail")
    func silentFileSystem() {
        let findings = DiskJudgement.findings(nil, .machine, path: "/a b")
        #expect(findings.map(\.level) == [.warn])
        #expect(findings.first?.remedy == "df -h '/a b'")
    }

    @Test(
        "limits of open files and processes",
        arguments: [
            (UInt64(255), Finding.Level.fail, UInt64(127), Finding.Level.fail), (256, .warn, 128, .warn),
            (1024, .ok, 1024, .ok),
        ]
    )
    func limits(files: UInt64, fileLevel: Finding.Level, processes: UInt64, processLevel: Finding.Level) {
        #expect(ResourceLimits.judge(openFiles: files).level == fileLevel)
        #expect(ResourceLimits.judge(processes: processes).level == processLevel)
        #expect(ResourceLimits.judge(openFiles: nil).level == .ok)
        #expect(ResourceLimits.judge(processes: nil).level == .ok)
    }

    @Test(
        "the locale that POSIX lets decide",
        arguments: [
            (["LC_ALL": "C.UTF-8", "LANG": "C"], Finding.Level.ok), (["LANG": "de_DE.utf8"], .ok),
            (["LC_ALL": "C", "LANG": "en_US.UTF-8"], .warn), (["LC_ALL": "", "LC_CTYPE": "C.UTF-8"], .ok), ([:], .warn),
        ]
    )
    func locale(environment: [String: String], level: Finding.Level) {
        #expect(SurroundingsCheck.judgeLocale(environment: environment).level == level)
    }

    @Test("terminal and shell")
    func surroundings() {
        #expect(SurroundingsCheck.judgeTerminal(columns: nil, rows: nil).level == .skip)
        #expect(SurroundingsCheck.judgeTerminal(columns: 79, rows: 24).level == .warn)
        #expect(SurroundingsCheck.judgeTerminal(columns: 80, rows: 24).level == .ok)
        #expect(SurroundingsCheck.judgeShell(isExecutable: false).level == .fail)
    }

    @Test("sizes in the unit that a person would choose")
    func sizes() {
        #expect(ByteText.text(0) == "0 bytes")
        #expect(ByteText.text(1536) == "1.5 KiB")
        #expect(ByteText.text(200 << 20) == "200 MiB")
        #expect(ByteText.text(5 << 30) == "5 GiB")
        #expect(ByteText.text(.max) == "16384 PiB")
    }

    private static let mounts = """
        25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        30 25 0:40 / /home rw shared:2 master:3 - nfs4 server:/home rw
        31 25 0:41 / /tmp rw - tmpfs tmpfs rw
        32 31 0:42 / /tmp/a\\040b rw - xfs /dev/sdb rw
        broken line
        33 25 0:43 / /home rw -
        """

    @Test(
        "the file system of a path is that of the longest mount point",
        arguments: [
            ("/", "ext4"), ("/homes/x", "ext4"), ("/home", "nfs4"), ("/home/x/y", "nfs4"), ("/tmp/x", "tmpfs"),
            ("/tmp/a b/c", "xfs"),
        ]
    )
    func mountTable(path: String, type: String) {
        #expect(MountTable(text: Self.mounts).type(of: path) == type)
    }

    @Test("a database on a network or in memory is a reason to look at it")
    func databaseFileSystems() {
        #expect(MountTable.judgeForDatabase(type: "ext4", path: "/d").level == .ok)
        #expect(MountTable.judgeForDatabase(type: "nfs4", path: "/d").level == .warn)
        #expect(MountTable.judgeForDatabase(type: "tmpfs", path: "/d").level == .warn)
        #expect(MountTable.judgeForDatabase(type: nil, path: "/d").level == .skip)
    }

    @Test("a place for files: writable, still to be made, a file, or nowhere")
    func places() {
        #expect(PlaceCheck.state(of: "/dev/null/x") == .notADirectory)
        #expect(PlaceCheck.judge(workdir: "/w", .writable).level == .ok)
        #expect(PlaceCheck.judge(workdir: "/w", .canBeMade).level == .ok)
        #expect(PlaceCheck.judge(workdir: "/w", .notADirectory).level == .fail)
        #expect(PlaceCheck.judge(workdir: "/w x", .unusable("no")).remedy?.contains("mkdir -p '/w x'") == true)
        #expect(PlaceCheck.nearestParent(of: "/proc/no-such/a/b") == "/proc")
    }
}
