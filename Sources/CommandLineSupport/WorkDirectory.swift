import Foundation

/// Where trials keep their files on this host.
public enum WorkDirectory {
    /// The absolute directory, by flag, then environment, then default; `nil` when none of them names one.
    public static func path(flag: String?, environment: [String: String]) -> String? {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let cache = variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }
        guard let path = flag ?? variable("HYPER_WORKDIR") ?? cache.map({ $0 + "/hyper/trials" }) else { return nil }
        return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// The absolute directory as ``path(flag:environment:)`` says; it need not exist.
    /// - Throws: ``ProgramFailure`` when there is no place.
    public static func named(flag: String?, environment: [String: String]) throws -> String {
        guard let absolute = path(flag: flag, environment: environment) else {
            throw ProgramFailure(
                .usage,
                "Cannot tell where trials keep their files: HOME is not set. Pass --workdir DIR."
            )
        }
        return absolute
    }

    /// The directory, made if it is missing: a private one, since trials write there.
    /// - Throws: ``ProgramFailure`` when there is no place.
    public static func find(flag: String?, environment: [String: String]) throws -> String {
        let absolute = try named(flag: flag, environment: environment)
        do {
            try FileManager.default.createDirectory(
                atPath: absolute,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw unusable(absolute, reason: "it is no directory and cannot be made one")
        }
        guard access(absolute, W_OK | X_OK) == 0 else { throw unusable(absolute, reason: "it is not writable") }
        return absolute
    }

    private static func unusable(_ path: String, reason: String) -> ProgramFailure {
        ProgramFailure(
            .unavailable,
            "\(path) cannot be used as --workdir: \(reason). Make it writable, or name another directory."
        )
    }
}
