import ExperimentModel
import Foundation
import Glibc
import Testing

@testable import Execution

@Suite("Attempts with an end", .timeLimit(.minutes(3)))
struct ExclusiveAttemptTests {
    /// Leaves a process in a session of its own, prints its number, and succeeds.
    private static let leaving = """
        mkfifo up
        setsid sh -c 'trap "" TERM; echo $$ >up; exec sleep 1000' >/dev/null 2>&1 &
        read -r pid <up && echo "pid $pid" && echo loss=1
        """

    /// - Parameter attempt: its number; no other test's, since processes are looked for by it.
    private func leftover(_ lab: Lab, attempt: Int) async throws -> Int32 {
        let request = try lab.request(.arguments(["sh", "-c", Self.leaving]), attempt: attempt)
        let result = await lab.executor.run(request, control: lab.control, sink: lab.sink)
        #expect(result.outcome.cause == .succeeded)
        let words = lab.sink.text().split(whereSeparator: \.isWhitespace)
        return try #require(words.count > 1 ? Int32(words[1]) : nil)
    }

    @Test("what an exclusive attempt left in another session is gone when it is over")
    func stragglers() async throws {
        let lab = try Lab()
        lab.control.leaseEnd.move(to: BootInstant.now.advanced(by: .seconds(3600)))
        #expect(isGone(try await leftover(lab, attempt: 4711)))
    }

    @Test("what another attempt left there stays")
    func others() async throws {
        let daemon = try await leftover(try Lab(), attempt: 4712)
        #expect(!isGone(daemon))
        kill(daemon, SIGKILL)
    }

    @Test("an attempt whose lease is nearly over is not started")
    func over() async throws {
        let lab = try Lab()
        lab.control.leaseEnd.move(to: .now)
        let result = try await lab.run("echo loss=1; touch ran")
        guard case .stopped(.leaseLost, _) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: lab.directory.path + "/ran"))
    }

    @Test("without a guard nobody promises ends")
    func unguarded() throws {
        #expect(try !Lab().executor.enforcesLeaseEnds)
    }

    @Test("an environment that is larger than the buffer is searched to its end")
    func largeEnvironment() throws {
        let mark = "HYPER_WORKER_ID=\(UUID().uuidString)"
        let output = try OutputPipe()
        defer { output.closeAll() }
        // The mark must not match as a part of another variable, either.
        var environment = Dictionary(
            uniqueKeysWithValues: (0..<4).map { ("FILL\($0)", String(repeating: "x", count: 60_000)) }
        )
        environment["HYPER_WORKER_ID"] = String(mark.dropFirst("HYPER_WORKER_ID=".count))
        environment["OTHER"] = mark + "no"
        let process = try ProcessSpawner.spawn(
            ProcessSpawner.Launch(
                program: "/bin/sh",
                // Until its first word it may have no environment: the kernel lets its starter go on before it is laid out.
                arguments: ["sh", "-c", "echo up; kill -STOP $$"],
                environment: environment,
                workingDirectory: "/",
                standardOutput: output.write,
                standardError: output.write
            )
        )
        var ready = pollfd(fd: output.read, events: Int16(POLLIN), revents: 0)
        try #require(poll(&ready, 1, 60_000) == 1)
        var processes = MarkedProcesses()
        #expect(processes.killAll(bearing: []) == 0)
        #expect(processes.killAll(bearing: [String(mark.dropLast())]) == 0)
        #expect(processes.killAll(bearing: [mark, "OTHER=\(mark)"]) == 0)
        #expect(processes.killAll(bearing: [mark, "OTHER=\(mark)no"]) == 1)
        #expect(process.reap() == .signaled(SIGKILL))
        #expect(processes.killAll(bearing: [mark]) == 0)
    }
}
