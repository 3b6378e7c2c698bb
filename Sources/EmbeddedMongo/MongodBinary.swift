import Glibc

/// A `mongod` program that was found and asked for its version.
public struct MongodBinary: Sendable, Hashable {
    /// The absolute path.
    public let path: String
    /// What `--version` said.
    public let version: MongodVersion

    /// Finds `mongod` at the flag `--mongod`, `HYPER_MONGOD`, `PATH`, or `<standard data directory>/bin/mongod`.
    ///
    /// A program that was named is the only candidate; of the others, one that does not work gives way to the next.
    /// - Parameter timeout: for each `mongod --version`.
    /// - Throws: `EmbeddedMongoError.mongodMissing`, `.mongodNotExecutable`, `.mongodTooOld` or `.mongodUnusable`;
    ///   `CancellationError`.
    public static func find(
        explicit: String?,
        environment: [String: String],
        timeout: Duration = EmbeddedStoreTimeouts().version
    ) async throws -> MongodBinary {
        for named in [explicit, environment["HYPER_MONGOD"]] {
            guard let named, !named.isEmpty else { continue }
            return try await check(DataDirectory(named).path, environment: environment, timeout: timeout)
        }
        let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
        var candidates: [String] = folders.map { "\($0)/mongod" }
        // Without HOME there is no such place to look at, which is no reason to stop.
        let bundled = (try? DataDirectory.standard(environment: environment)).map { [$0.bundledMongod] } ?? []
        candidates += bundled
        var firstProblem: EmbeddedMongoError?
        for candidate in candidates where access(candidate, F_OK) == 0 {
            do {
                return try await check(candidate, environment: environment, timeout: timeout)
            } catch let problem as EmbeddedMongoError {
                firstProblem = firstProblem ?? problem
            }
        }
        throw firstProblem ?? .mongodMissing(searched: ["--mongod", "HYPER_MONGOD", "PATH"] + bundled)
    }

    /// Runs `--version` and judges the answer.
    private static func check(
        _ path: String,
        environment: [String: String],
        timeout: Duration
    ) async throws -> MongodBinary {
        var status = stat()
        guard stat(path, &status) == 0 else { throw EmbeddedMongoError.mongodMissing(searched: [path]) }
        guard status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 else {
            throw EmbeddedMongoError.mongodNotExecutable(path: path)
        }
        let answer: ProgramOutput
        do {
            answer = try await ProgramOutput.of(
                [path, "--version"],
                environment: MongodCommandLine.environment(from: environment),
                timeout: timeout
            )
        } catch let failure as ChildProcess.SpawnFailure {
            throw EmbeddedMongoError.mongodUnusable(path: path, reason: failure.description)
        }
        guard let ending = answer.ending else {
            throw EmbeddedMongoError.mongodUnusable(path: path, reason: "`--version` gave no answer within \(timeout)")
        }
        guard let version = MongodVersion(versionOutput: answer.text) else {
            let excerpt = LogTail.printable(answer.text.prefix(200))
            throw EmbeddedMongoError.mongodUnusable(
                path: path,
                reason: "`--version` \(ending), and said \"\(excerpt)\" instead of a version"
            )
        }
        guard version >= .minimum else {
            throw EmbeddedMongoError.mongodTooOld(path: path, found: version.description)
        }
        return MongodBinary(path: path, version: version)
    }
}
