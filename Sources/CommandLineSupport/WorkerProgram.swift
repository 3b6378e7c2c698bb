import Foundation

/// The `hyperworker` that belongs to this program.
public enum WorkerProgram {
    /// Where it should be: beside this program.
    public static var expectedPath: String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return own.deletingLastPathComponent().appendingPathComponent("hyperworker").path
    }

    /// The one beside this program, else the one on PATH; `nil` when there is none.
    public static func find(environment: [String: String]) -> String? {
        let folders = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/hyperworker" }
        return ([expectedPath] + folders).first { access($0, X_OK) == 0 }
    }
}
