import Foundation
import Glibc
import Testing

@Suite("Trials of a worker that cannot end them")
struct GuardTests {
    /// A trial with a child that ignores SIGTERM, and another in a session of its own; all of them hold the pipe.
    private static let tree = """
        exec 9>held
        trap '' TERM
        (trap '' TERM; echo "child $$" >&9; exec sleep 1000) &
        setsid sh -c 'trap "" TERM; echo "session $$" >&9; exec sleep 1000' &
        echo "begun $HYPER_TRIAL_ID" >&9
        wait
        """

    private func experiment(_ sandbox: Sandbox) throws -> String {
        try sandbox.file("tree.sh", Self.tree)
        return try sandbox.file(
            "tree.yaml",
            """
            name: tree
            command: [sh, tree.sh, '{x}']
            search_space: {x: "uniform(0, 1)"}
            objective: {metric: loss, goal: minimize}
            limits: {max_trials: 4}
            """
        )
    }

    @Test(
        "everything that a killed worker started is gone, down to sessions of their own, also after the guard was killed"
    )
    func killedWorker() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            let held = try HeldPipe(sandbox.directory + "/held")
            defer { held.close() }
            _ = try await sandbox.create(try experiment(sandbox))
            let worker = try sandbox.worker("--count", "2")
            try await held.lines("session", 2)
            let first = try #require(guards(of: worker.pid).first)
            // As somebody who looks for workers by name would, for whom the guard is none.
            let found = try await sandbox.finish(try sandbox.start(command: ["pgrep", "-f", "hyperworker"]))
            #expect(found.output.split(separator: "\n").contains("\(worker.pid)"))
            #expect(!found.output.split(separator: "\n").contains("\(first)"))
            kill(first, SIGTERM)
            kill(first, SIGHUP)
            kill(first, SIGKILL)
            try await worker.waitForLine(containing: "the guard is process")
            let second = try #require(guards(of: worker.pid).first)
            #expect(second != first)
            try await worker.killHard()
            try await held.end()
            try await ProcessEnd.wait(for: second, "a guard whose worker is gone")
            try await worker.waitForSilence()
            #expect(worker.errors.contains("ended without a word"), "\(worker.story)")
        }
    }

    @Test("a trial that is just being started when its worker is killed does not survive it")
    func killedAtStart() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            let held = try HeldPipe(sandbox.directory + "/held")
            defer { held.close() }
            _ = try await sandbox.create(try experiment(sandbox))
            let worker = try sandbox.worker("--count", "4")
            // The others are on their way.
            try await held.lines("begun")
            try await worker.killHard()
            try await held.end()
        }
    }

    @Test("a worker that leaves in order takes its guard with it, and a daemon that a trial left behind stays")
    func orderlyEnd() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            let held = try HeldPipe(sandbox.directory + "/held")
            defer { held.close() }
            // The trial ends when the daemon is in its session: what is in the trial's own dies with it.
            try sandbox.file(
                "daemon.sh",
                """
                mkfifo up
                setsid sh -c 'echo $$ >&9; echo up >up; exec sleep 1000' 9>held >/dev/null 2>&1 &
                read -r up <up && echo loss=1
                """
            )
            let file = try sandbox.file(
                "daemon.yaml",
                """
                name: daemon
                command: [sh, daemon.sh, '{x}']
                search_space: {x: "uniform(0, 1)"}
                objective: {metric: loss, goal: minimize}
                limits: {max_trials: 1}
                """
            )
            _ = try await sandbox.create(file)
            let worker = try sandbox.worker("--exit-when-idle", "1")
            let daemon = try #require(pid_t(try await held.lines("").first ?? ""))
            let process = try #require(guards(of: worker.pid).first)
            try await worker.waitForExit()
            try await ProcessEnd.wait(for: process, "the guard of a worker that left")
            #expect(worker.ending == .exited(0), "\(worker.story)")
            #expect(kill(daemon, 0) == 0)
            kill(daemon, SIGKILL)
        }
    }

    @Test(
        "an exclusive trial of a stopped worker is over before another attempt begins, and the worker learns that it lost"
    )
    func stoppedWorker() async throws {
        try await Sandbox.use(["HYPER_LEASE_SECONDS": "3"]) { sandbox in
            _ = try await sandbox.service()
            let held = try HeldPipe(sandbox.directory + "/held", isHeld: true)
            defer { held.close() }
            // Every process of the first attempt holds the lock; the second finds it free, or they overlap.
            let script = """
                exec 8>lock 9>held
                flock -n 8 || { echo overlap >&9; exit 1; }
                echo "attempt $HYPER_ATTEMPT" >&9
                [ "$HYPER_ATTEMPT" = 1 ] || { echo loss=2; exit 0; }
                trap '' TERM
                setsid sh -c 'trap "" TERM; exec sleep 1000' &
                wait
                """
            try sandbox.file("alone.sh", script)
            let file = try sandbox.file(
                "alone.yaml",
                """
                name: alone
                command: [sh, alone.sh, '{x}']
                search_space: {x: "uniform(0, 1)"}
                objective: {metric: loss, goal: minimize}
                limits: {max_trials: 1}
                exclusive: true
                """
            )
            let id = try await sandbox.create(file)
            let first = try sandbox.worker()
            try await held.lines("attempt 1")
            first.signal(SIGSTOP)
            let second = try sandbox.worker()
            let lines = try await held.lines("", 2)
            #expect(lines == ["attempt 1", "attempt 2"])
            try await second.waitForLine(containing: "ready")
            first.signal(SIGCONT)
            try await first.waitForLine(containing: "hyperworker: trial \(id)/1 ")
            let trial = try #require(try await sandbox.trials(id).first)
            #expect(trial.attempts.first?.cause == "lost")
        }
    }

    @Test("the guard is no command for people")
    func byHand() async throws {
        try await Sandbox.use { sandbox in
            let program = try await sandbox.finish(try sandbox.worker("guard"))
            #expect(program.ending == .exited(64))
            #expect(program.errors.contains("started by hyperworker itself"), "\(program.story)")
        }
    }

    /// Children of a worker that are its guards.
    /// By each process's own word for its parent: the kernel's lists of children leave some out while others end.
    private func guards(of worker: pid_t) -> [pid_t] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { process in
            let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
            guard status.split(separator: "\n").contains("PPid:\t\(worker)") else { return false }
            return (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8))?.hasPrefix("hyperguard\0")
                ?? false
        }
    }
}
