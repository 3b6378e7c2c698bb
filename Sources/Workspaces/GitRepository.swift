import Foundation

/// A Git repository elsewhere, looked at by the `git` program.
struct GitRepository: Sendable {
    let url: String

    /// How long a remote may take to tell its branches.
    static let listingTimeout: Duration = .seconds(60)
    /// How long a remote may take to send a commit.
    static let fetchTimeout: Duration = .seconds(600)

    /// The commit that a branch, tag or nothing (the remote's HEAD) names now; a full commit id is taken as it is.
    /// - Throws: ``WorkspaceError/git(_:isTroubleOfMachine:)``.
    func commit(of reference: String?) async throws -> String {
        if let reference, Self.isCommit(reference) { return reference.lowercased() }
        let names: [String]
        if let reference {
            names =
                reference.hasPrefix("refs/")
                ? [reference + "^{}", reference]
                : ["refs/heads/\(reference)", "refs/tags/\(reference)^{}", "refs/tags/\(reference)"]
        } else {
            names = ["HEAD"]
        }
        let output = try await GitProgram.run(["ls-remote", "--", url] + names, timeout: Self.listingTimeout)
        var commits: [Substring: Substring] = [:]
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            if parts.count == 2 { commits[parts[1]] = parts[0] }
        }
        for name in names {
            if let commit = commits[Substring(name)], Self.isCommit(String(commit)) { return String(commit) }
        }
        throw WorkspaceError.git(
            reference.map {
                "the repository \(url) has no branch or tag \($0.debugDescription); a commit is given by its full id"
            } ?? "the repository \(url) has no commit yet",
            isTroubleOfMachine: false
        )
    }

    /// Whether a text is a full commit id.
    static func isCommit(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }

    /// Writes the tree of a commit into a tar archive.
    /// - Parameters:
    ///   - reference: where to look for the commit when the remote does not give it by its id.
    ///   - directory: an empty directory for the repository; nothing in it is kept.
    func export(
        commit: String,
        reference: String?,
        subdirectory: String?,
        into archive: String,
        directory: String
    ) async throws {
        _ = try await GitProgram.run(["init", "--quiet", "--bare", directory], timeout: Self.listingTimeout)
        let fetch = ["-C", directory, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]
        do {
            _ = try await GitProgram.run(fetch + ["--depth", "1", "--", url, commit], timeout: Self.fetchTimeout)
        } catch let error as WorkspaceError {
            // Some servers give commits by name alone: then all that leads to the name is fetched.
            let name = reference.flatMap { Self.isCommit($0) ? nil : $0 } ?? "HEAD"
            do {
                _ = try await GitProgram.run(fetch + ["--", url, name], timeout: Self.fetchTimeout)
                _ = try await GitProgram.run(
                    ["-C", directory, "cat-file", "-e", commit + "^{commit}"],
                    timeout: Self.listingTimeout
                )
            } catch is WorkspaceError {
                // The first says more: that the name has moved on is the lesser reason.
                throw error
            }
        }
        let tree = subdirectory.map { "\(commit):\($0)" } ?? commit
        do {
            _ = try await GitProgram.run(
                ["-C", directory, "archive", "--format=tar", "--output=\(archive)", tree],
                timeout: Self.fetchTimeout
            )
        } catch WorkspaceError.git(let reason, _) {
            throw WorkspaceError.git(
                subdirectory.map { "commit \(commit.prefix(12)) of \(url) has no directory \($0): \(reason)" }
                    ?? reason,
                isTroubleOfMachine: false
            )
        }
    }
}
