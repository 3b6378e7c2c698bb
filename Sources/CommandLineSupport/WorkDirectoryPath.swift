import Foundation

/// Where trials keep their files on this host.
public enum WorkDirectoryPath {
    /// The variable that names the directory.
    public static let variable = "HYPER_WORKDIR"

    /// The absolute directory, by flag, then environment, then default; it need not exist.
    /// - Throws: ``ProgramFailure`` when there is no place.
    public static func find(flag: String?, environment: [String: String]) throws -> String {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let cache = value("XDG_CACHE_HOME") ?? value("HOME").map { $0 + "/.cache" }
        guard let path = flag ?? value(variable) ?? cache.map({ $0 + "/hyper/trials" }) else {
            throw ProgramFailure(
                .usage,
                "Cannot tell where trials keep their files: HOME is not set. Pass --workdir DIR."
            )
        }
        return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
