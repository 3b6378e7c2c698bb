import Foundation
import Simulation
import Testing

@Suite("Replaying a simulation", .timeLimit(.minutes(5)))
struct DeterminismTests {
    @Test("a seed does the same again in the same process", arguments: [UInt64(3), 17, 87])
    func sameProcess(seed: UInt64) async {
        let first = await SimulationThread.run(Simulation(seed: seed, isTraced: true))
        let second = await SimulationThread.run(Simulation(seed: seed, isTraced: true))
        #expect(first.trace == second.trace)
        #expect(first.digest == second.digest)
        #expect(!first.trace.isEmpty)
    }

    @Test("following what happens changes nothing")
    func untraced() async {
        let traced = await SimulationThread.run(Simulation(seed: 5, isTraced: true))
        let untraced = await SimulationThread.run(Simulation(seed: 5))
        #expect(traced.digest == untraced.digest)
        #expect(untraced.trace.isEmpty)
    }

    /// Each process hashes with a seed of its own, so that the order of a dictionary would show.
    @Test("a seed does the same in two processes", arguments: [3, 17, 87])
    func twoProcesses(seed: Int) async throws {
        let first = try await Self.replay(seed)
        let second = try await Self.replay(seed)
        #expect(first == second)
        #expect(first.contains("digest"))
    }

    private static func replay(_ seed: Int) async throws -> String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
        let directory = ProcessInfo.processInfo.environment["HYPER_TEST_BIN_DIR"] ?? own
        let process = Process()
        process.executableURL = URL(fileURLWithPath: directory + "/hypersimulate")
        process.arguments = ["--seed", "\(seed)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // On a thread of its own: what is read ends when the process does.
        return await withCheckedContinuation { continuation in
            let thread = Thread {
                let bytes = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
            thread.start()
        }
    }
}
