import ExperimentModel
import Foundation
import Glibc
import Logging
import Testing

@testable import Execution

@Suite("Out-of-memory kills", .timeLimit(.minutes(10)))
struct MemoryKillWatchTests {
    @Test("the counter of the own control group is looked for where the kernel and a container put it")
    func candidates() {
        #expect(
            MemoryKillWatch.candidates(groups: "0::/user.slice/a.scope\n") == [
                "/sys/fs/cgroup/user.slice/a.scope/memory.events", "/sys/fs/cgroup/memory.events",
                "/sys/fs/cgroup/unified/user.slice/a.scope/memory.events", "/sys/fs/cgroup/unified/memory.events",
            ]
        )
        let mixed = "9:memory,hugetlb:/docker/ab\n8:cpu:/docker/ab\n0::/\n"
        let paths = MemoryKillWatch.candidates(groups: mixed)
        #expect(
            paths.prefix(2) == [
                "/sys/fs/cgroup/memory/docker/ab/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control",
            ]
        )
        #expect(paths.contains("/sys/fs/cgroup/memory.events") && !paths.contains { $0.contains("cpu") })
        #expect(MemoryKillWatch.candidates(groups: "nonsense\n::\n").isEmpty)
    }

    /// A counter in a file of the test's own.
    private struct Counters {
        let lab: Lab
        var own: String { lab.directory.path + "/memory.events" }
        var host: String { lab.directory.path + "/vmstat" }

        init() throws { lab = try Lab() }

        func set(_ own: Int, _ host: Int) throws {
            try "low 0\noom_kill \(own)\noom_group_kill 7\n".write(toFile: self.own, atomically: true, encoding: .utf8)
            try "nr_free_pages 1\noom_kill \(host)\n".write(toFile: self.host, atomically: true, encoding: .utf8)
        }

        var watch: MemoryKillWatch {
            MemoryKillWatch(counters: [
                MemoryKillWatch.Counter(path: own, scope: "in the worker's control group"),
                MemoryKillWatch.Counter(path: host, scope: "on this host"),
            ])
        }
    }

    @Test("news is what was counted since, told by the narrowest counter; what cannot be read says nothing")
    func news() throws {
        let counters = try Counters()
        try counters.set(3, 5)
        let watch = counters.watch
        let before = watch.before()
        #expect(watch.news(since: before) == nil)
        try counters.set(3, 6)
        #expect(try #require(watch.news(since: before)).contains("an out-of-memory kill on this host"))
        try counters.set(5, 8)
        let news = try #require(watch.news(since: before))
        #expect(
            news
                == "the kernel counted 2 out-of-memory kills in the worker's control group (oom_kill in \(counters.own))"
        )
        try FileManager.default.removeItem(atPath: counters.own)
        try FileManager.default.removeItem(atPath: counters.host)
        #expect(watch.news(since: before) == nil)
        #expect(MemoryKillWatch(counters: []).news(since: [:]) == nil)
    }

    @Test("a reading serves for a moment, so that short attempts do not read for each")
    func age() throws {
        let counters = try Counters()
        try counters.set(1, 1)
        let watch = counters.watch
        let start = ContinuousClock.now
        let first = watch.before(now: start)
        try counters.set(2, 2)
        #expect(watch.before(now: start + .milliseconds(999)) == first)
        #expect(watch.before(now: start + .seconds(1)) != first)
    }

    /// Runs a command that first raises the counters as a test says.
    private func run(_ script: String, kills: Bool) async throws -> AttemptOutcome {
        let counters = try Counters()
        try counters.set(0, 0)
        let raise = kills ? "echo oom_kill 1 > '\(counters.own)'; " : ""
        let executor = try ProcessTrialExecutor(
            settings: .init(workDirectory: counters.lab.directory.path + "/work", host: "node"),
            memoryKills: counters.watch,
            logger: Logger(label: "test")
        )
        let request = try counters.lab.request(.arguments(["sh", "-c", raise + script]))
        let result = await executor.run(request, control: AttemptControl(), sink: counters.lab.sink)
        guard case .finished(let outcome) = result else {
            Issue.record("\(result)")
            return result.outcome
        }
        return outcome
    }

    @Test(
        "a SIGKILL that nobody here sent, or a shell's word of one, is out_of_memory only while the kernel counts a kill"
    )
    func causes() async throws {
        let killed = try await run("kill -9 $$", kills: true)
        #expect(killed.cause == .outOfMemory && killed.signal == 9 && killed.value == nil)
        #expect(try #require(killed.message).contains("oom_kill in "))
        let shell = try await run("exit 137", kills: true)
        #expect(shell.cause == .outOfMemory && shell.exitStatus == 137)
        for (script, kills) in [("kill -9 $$", false), ("exit 137", false), ("kill -15 $$", true), ("exit 1", true)] {
            #expect(try await run(script, kills: kills).cause == .failed, "\(script)")
        }
        #expect(try await run("echo loss=1", kills: true).cause == .succeeded)
    }

    /// A memory control group of the test's own with a limit, below this process's; `nil` where it may make none.
    private struct ControlGroup {
        let path: String

        init?(limitBytes: Int) {
            let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
            let name = "/hyper-test-\(ProcessInfo.processInfo.processIdentifier)"
            for place in MemoryKillWatch.candidates(groups: groups) {
                let parent = (place as NSString).deletingLastPathComponent
                let isUnified = place.hasSuffix("memory.events")
                guard FileManager.default.fileExists(atPath: place), mkdir(parent + name, 0o755) == 0 else { continue }
                let limit = isUnified ? "/memory.max" : "/memory.limit_in_bytes"
                let file = FileHandle(forWritingAtPath: parent + name + limit)
                if let file, (try? file.write(contentsOf: Data("\(limitBytes)".utf8))) != nil {
                    path = parent + name
                    return
                }
                rmdir(parent + name)
            }
            return nil
        }

        static let canBeMade: Bool = {
            guard let group = ControlGroup(limitBytes: 64 << 20) else { return false }
            return rmdir(group.path) == 0
        }()
    }

    @Test(
        "a trial that the kernel really kills for want of memory is out_of_memory",
        .enabled(if: ControlGroup.canBeMade, "this user may make no memory control group")
    )
    func realKill() async throws {
        let group = try #require(ControlGroup(limitBytes: 64 << 20))
        defer { rmdir(group.path) }
        let lab = try Lab()
        let executor = try ProcessTrialExecutor(
            settings: .init(workDirectory: lab.directory.path + "/work", host: "node"),
            logger: Logger(label: "test")
        )
        // Without swap its memory must fit; a variable of a shell is enough to fill it.
        let script = "echo $$ > \(group.path)/cgroup.procs && x=xxxxxxxx && while :; do x=$x$x; done"
        let result = await executor.run(
            try lab.request(.arguments(["sh", "-c", script])),
            control: AttemptControl(),
            sink: lab.sink
        )
        guard case .finished(let outcome) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(outcome.cause == .outOfMemory && outcome.signal == 9, "\(outcome)")
        #expect(try #require(outcome.message).contains("an out-of-memory kill"))
    }
}
