import Foundation
import Glibc
import Testing

@Suite("hyperserver watch")
struct WatchTests {
    @Test("lines, JSON and a terminal follow one experiment to its end; Ctrl-C leaves it alone")
    func follow() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 4))
            let plain = try sandbox.server("watch", id)
            let json = try sandbox.server("watch", id, "--json")
            let leaving = try sandbox.server("watch", "gated")
            let terminal = try sandbox.start(
                command: [
                    "script", "-qefc", "stty cols 60 rows 20; '\(Sandbox.binaries)/hyperserver' watch \(id)",
                    "/dev/null",
                ],
                environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": ""]
            )
            _ = try sandbox.worker("--count", "2")
            _ = try await sandbox.gate.next(2)
            try await plain.waitForLine(containing: "2 running")
            try await leaving.waitForLine(containing: "2 running")
            try await json.waitForLine(containing: #""running":2"#)
            try await terminal.waitForLine(containing: "workers")

            leaving.signal(SIGINT)
            #expect(try await sandbox.finish(leaving).ending == .exited(2), "\(leaving.story)")
            #expect(leaving.output.contains("stopped watching"))
            #expect(try await sandbox.status(id).state == "running")

            try sandbox.gate.open()
            for program in [plain, json, terminal] {
                #expect(try await sandbox.finish(program).ending == .exited(0), "\(program.story)")
            }
            let best = try #require(try await sandbox.status(id).best?.trial)
            for program in [plain, terminal] {
                #expect(program.output.contains("completed (max_trials), 4 trials: 4 done"), "\(program.story)")
                #expect(program.output.contains("best trial \(best): loss="))
                #expect(program.output.contains("hyperserver logs \(id) \(best)"))
            }
            #expect(!plain.output.contains("\u{1B}"))
            try check(json: json.output)
            try check(terminal: terminal.output)

            let again = try await sandbox.client("watch", id)
            #expect(again.ending == .exited(0))
            #expect(again.output.hasPrefix("completed (max_trials), 4 trials: 4 done\n"), "\(again.story)")
        }
    }

    /// Every line is a whole record, each differs from the one before, and only the last is of the end.
    private func check(json output: String) throws {
        let lines = output.split(separator: "\n")
        let records = try lines.map { try JSONDecoder().decode(ExperimentRecord.self, from: Data($0.utf8)) }
        #expect(records.last?.state == "completed")
        #expect(records.dropLast().allSatisfy { $0.state == "running" || $0.state == "created" })
        #expect(zip(lines, lines.dropFirst()).allSatisfy { $0 != $1 })
    }

    /// Frames are drawn as whole updates, the cursor comes back, and what follows is a report below the last frame.
    private func check(terminal output: String) throws {
        let (begin, end) = ("\u{1B}[?2026h", "\u{1B}[?2026l")
        #expect(output.ranges(of: begin).count == output.ranges(of: end).count)
        #expect(output.ranges(of: begin).count >= 2)
        #expect(output.ranges(of: "\u{1B}[?25l").count == 1 && output.ranges(of: "\u{1B}[?25h").count == 1)
        #expect(!output.contains("\u{1B}[?1049h"), "the alternate screen was used")
        let shown = try #require(output.range(of: "\u{1B}[?25h")?.upperBound)
        #expect(output[shown...].hasPrefix("completed (max_trials)"))
        let frames = output[..<shown]
        #expect(frames.contains("4/4 trials"), "the last frame is not that of the end")
    }

    @Test("a cancelled experiment ends the watch with 2")
    func cancelled() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 4))
            let watch = try sandbox.server("watch", id)
            try await watch.waitForLine(containing: "1 new")
            #expect(try await sandbox.client("cancel", id).ending == .exited(0))
            #expect(try await sandbox.finish(watch).ending == .exited(2), "\(watch.story)")
            #expect(watch.output.contains("cancelled (user), "))
        }
    }
}
