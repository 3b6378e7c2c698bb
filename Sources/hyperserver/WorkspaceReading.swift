import CommandLineSupport
import ExperimentModel
import Inspection
import Workspaces

/// Looks at the files of a workspace, and turns what is wrong with them into the program's end.
enum WorkspaceReading {
    /// Turns errors of a workspace into the program's end: they are the file's fault, or that of the way to its repository.
    static func reading<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as WorkspaceError {
            throw ProgramFailure(error.isTroubleOfMachine ? .failed : .usage, "\(TextTable.printable("\(error)")).")
        }
    }

    /// What would be stored now, a line each; nothing without a workspace, or when it is a Git repository.
    static func lines(_ workspace: WorkspaceSpecification?) async throws -> [String] {
        guard let workspace, let snapshot = try await reading({ try await WorkspaceStorage.examine(workspace) }),
            case .snapshot(let hash, let files, let bytes) = snapshot.content
        else { return [] }
        var lines = [
            "snapshot   \(files) \(files == 1 ? "file" : "files"), \(ByteCount.text(bytes)), sha256 \(hash)"
        ]
        if !snapshot.largest.isEmpty {
            let largest = snapshot.largest.map { "\($0.path) \(ByteCount.text($0.bytes))" }
            lines.append("  largest: " + largest.joined(separator: ", "))
        }
        if snapshot.ignoredCount > 0 { lines.append("  left out by ignore rules: \(snapshot.ignoredCount)") }
        return lines.map(TextTable.printable)
    }
}
