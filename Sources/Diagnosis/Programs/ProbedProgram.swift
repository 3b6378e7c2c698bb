import EmbeddedMongo
import Glibc

/// A program of the machine that is asked something and may hang, crash or say anything.
enum ProbedProgram {
    /// How a program answered.
    enum Answer: Sendable, Hashable {
        /// No such program on PATH.
        case missing
        /// It ended well; this is what it printed.
        case said(String)
        /// It failed; this is what it printed, and how it ended.
        case failed(String, ending: String)
        /// It was killed after the time-out.
        case late
    }

    /// The program of that name on PATH.
    static func find(_ name: String, environment: [String: String]) -> String? {
        let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
        return folders.map { "\($0)/\(name)" }.first { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
    }

    /// Runs a program that changes nothing, in a session of its own; kills it at the time-out.
    static func ask(
        _ path: String?,
        _ arguments: [String],
        environment: [String: String],
        within limit: Duration
    ) async -> Answer {
        guard let path else { return .missing }
        // A connection string may hold a password, which is nobody else's business.
        let harmless = environment.filter { !$0.key.hasPrefix("HYPER_MONGO_URI") }
        do {
            let output = try await ProgramOutput.of([path] + arguments, environment: harmless, timeout: limit)
            guard let ending = output.ending else { return .late }
            return ending == .exited(0) ? .said(output.text) : .failed(output.text, ending: ending.description)
        } catch {
            return .failed("", ending: "\(error)")
        }
    }
}
