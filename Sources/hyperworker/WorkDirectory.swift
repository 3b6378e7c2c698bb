import CommandLineSupport
import Foundation

/// Where trials keep their files on this host.
enum WorkDirectory {
    /// The absolute directory, by flag, then environment, then default: a private one, since trials write there.
    /// - Throws: ``ProgramFailure`` when there is no place.
    static func find(flag: String?, environment: [String: String]) throws -> String {
        let absolute = try WorkDirectoryPath.find(flag: flag, environment: environment)
        do {
            try FileManager.default.createDirectory(
                atPath: absolute,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw ProgramFailure(.unavailable, "\(absolute) cannot be used as --workdir: \(error.localizedDescription)")
        }
        guard access(absolute, W_OK | X_OK) == 0 else {
            throw ProgramFailure(.unavailable, "\(absolute) cannot be used as --workdir: it is not writable.")
        }
        return absolute
    }
}
