import CommandLineSupport
import ExperimentModel
import Foundation

/// What the kernel and a C program can do: the same number of processes under `xargs -P`.
enum XargsRun {
    /// A run that takes longer than this is ended; see timeout(1).
    static let timeoutSeconds = 120

    static func measure(parallel: Int, processes: Int) async throws -> Sample {
        let clock = ContinuousClock()
        let start = clock.now
        let status = try await run(
            "seq \(processes) | xargs -P \(parallel) -n 1 /bin/echo loss=1 > /dev/null"
        )
        let elapsed = (clock.now - start).inSeconds
        guard status == 0 else { throw ProgramFailure(.internalError, "xargs ended with status \(status).") }
        return Sample(trials: processes, seconds: elapsed, cost: Sample.Cost())
    }

    private static func run(_ script: String) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["--kill-after=5", "\(timeoutSeconds)", "/bin/sh", "-c", script]
        process.standardInput = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
