import Foundation
import Subprocess
import SystemPackage

/// Runs `git` so that it asks nobody anything and runs nothing that a repository names.
enum GitProgram {
    /// Bytes of output that are read.
    private static let outputLimit = 4 << 20
    /// Characters of an error of Git that are told.
    private static let toldCharacters = 300

    /// Runs it to its end.
    /// - Returns: what it wrote.
    /// - Throws: ``WorkspaceError/git(_:isTroubleOfMachine:)``; `CancellationError` when the task is cancelled.
    static func run(_ arguments: [String], timeout: Duration) async throws -> String {
        let all =
            [
                "-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
                "-c", "gc.auto=0", "-c", "maintenance.auto=false",
            ] + arguments
        let command = arguments.first { !$0.hasPrefix("-") && !$0.hasPrefix("/") } ?? "git"
        return try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { try await start(all, command) }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let output = try await group.next() ?? nil else {
                throw WorkspaceError.git(
                    "git \(command) did not end within \(timeout.components.seconds) s; check the URL of the workspace and the "
                        + "network",
                    isTroubleOfMachine: true
                )
            }
            return output
        }
    }

    private static func start(_ arguments: [String], _ command: String) async throws -> String {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let environment: [Environment.Key: String?] = [
            // Nobody is there to answer, and messages are read by programs.
            "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false", "SSH_ASKPASS": "/bin/false", "LC_ALL": "C",
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes", "GIT_LFS_SKIP_SMUDGE": "1",
            // A hook that calls us has these, and they would point to another repository.
            "GIT_DIR": nil, "GIT_WORK_TREE": nil, "GIT_INDEX_FILE": nil,
        ]
        let (status, output, error): (TerminationStatus, String?, String?)
        do {
            let result = try await Subprocess.run(
                .name("git"),
                arguments: Arguments(arguments),
                environment: .inherit.updating(environment),
                platformOptions: options,
                input: .none,
                output: .string(limit: outputLimit),
                error: .string(limit: outputLimit)
            )
            (status, output, error) = (result.terminationStatus, result.standardOutput, result.standardError)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw WorkspaceError.git(
                "git could not be run: \(error); a workspace in a Git repository needs the program git on this machine",
                isTroubleOfMachine: true
            )
        }
        try Task.checkCancellation()
        guard status == .exited(0) else {
            let said = told(error ?? "")
            throw WorkspaceError.git(
                "git \(command) failed: \(said.isEmpty ? "\(status)" : said)",
                isTroubleOfMachine: isPassing(said)
            )
        }
        return output ?? ""
    }

    /// The last lines of an error as one line.
    private static func told(_ error: String) -> String {
        let lines = error.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
        let plain = lines.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) }
        return String(plain.prefix(toldCharacters))
    }

    /// Whether an error is of the way to the repository, or of what this machine knows: another time or machine may do.
    private static func isPassing(_ error: String) -> Bool {
        [
            "unable to access", "Could not resolve", "Could not read from remote", "timed out", "early EOF",
            "Connection refused", "Authentication failed", "could not read Username", "Permission denied",
            "No space left", "unable to write", "does not appear to be a git repository", "dubious ownership",
        ].contains { error.contains($0) }
    }
}
