import ExperimentModel

/// The files that a trial runs in, and those that are kept of it.
extension DefinitionReader {
    /// Patterns that a list of paths may have.
    static let maximumPatternsOfPaths = 256
    /// Largest amounts of bytes that a file may allow.
    static let byteRange: ClosedRange<Int64> = 1...ByteCount.largest

    /// `workspace`; `nil` without one.
    func readWorkspace(_ file: SectionReader) -> WorkspaceSpecification? {
        guard let node = file.node("workspace") else { return nil }
        guard case .mapping(let entries) = node.content else {
            guard let text = file.text("workspace") else { return nil }
            return readSource(text, at: node.position).map { WorkspaceSpecification(source: $0) }
        }
        let section = SectionReader(entries, .workspace, position: node.position, diagnostics: diagnostics)
        guard let source = readSource(section) else { return nil }
        return WorkspaceSpecification(
            source: source,
            ignore: readTexts(section, "ignore", atMost: Self.maximumPatternsOfPaths)?.map(\.text) ?? [],
            maximumBytes: readBytes(section, "max_bytes", in: Self.byteRange)
                ?? WorkspaceSpecification.defaultMaximumBytes
        )
    }

    /// `artifacts`; `nil` without them.
    func readArtifacts(_ file: SectionReader) -> ArtifactRules? {
        guard let node = file.node("artifacts") else { return nil }
        if let scalar = node.scalar, case .bool(let isWanted) = StrictScalar(scalar) {
            return isWanted ? ArtifactRules() : nil
        }
        guard let (entries, position) = file.mapping("artifacts") else { return nil }
        let section = SectionReader(entries, .artifacts, position: position, diagnostics: diagnostics)
        return ArtifactRules(
            include: readTexts(section, "include", atMost: Self.maximumPatternsOfPaths)?.map(\.text)
                ?? ArtifactRules.everything,
            exclude: readTexts(section, "exclude", atMost: Self.maximumPatternsOfPaths)?.map(\.text) ?? [],
            maximumBytes: readBytes(section, "max_bytes", in: Self.byteRange) ?? ArtifactRules.defaultMaximumBytes
        )
    }

    /// Where trials run in a workspace: a relative path, empty for the workspace itself.
    func readDirectoryInWorkspace(_ file: SectionReader) -> String {
        guard let path = file.text("working_directory"), let node = file.node("working_directory") else { return "" }
        if !Self.isPlainRelative(path) {
            let message = "with a workspace, working_directory is a relative path in it, not \(shown(path))"
            diagnostics.error(message, at: node.position)
        }
        return path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    // MARK: - Sources

    private func readSource(_ section: SectionReader) -> WorkspaceSpecification.Source? {
        let git = section.node("git")
        for key in ["ref", "subdirectory"] where git == nil {
            guard let node = section.node(key) else { continue }
            diagnostics.error("workspace.\(key) goes with git, not with path", at: node.position)
        }
        switch (section.node("path"), git) {
        case (nil, nil):
            diagnostics.error("workspace needs path or git, such as workspace: {path: ./src}", at: section.position)
            return nil
        case (_?, let git?):
            diagnostics.error("workspace has path and git; keep one of them", at: git.position)
            return nil
        case (let path?, nil):
            return section.text("path").flatMap { readPath($0, at: path.position) }
        case (nil, let git?):
            guard var text = section.text("git") else { return nil }
            if text.hasPrefix(Self.gitPrefix) { text.removeFirst(Self.gitPrefix.count) }
            return checkGit(
                text,
                reference: section.text("ref"),
                subdirectory: section.text("subdirectory"),
                at: git.position
            )
        }
    }

    private static let gitPrefix = "git+"
    private static let subdirectoryPrefix = "subdirectory="

    /// A path, or `git+URL[@REF][#subdirectory=DIRECTORY]`.
    private func readSource(_ text: String, at position: SourcePosition) -> WorkspaceSpecification.Source? {
        guard text.hasPrefix(Self.gitPrefix) else { return readPath(text, at: position) }
        var url = text.dropFirst(Self.gitPrefix.count)
        var subdirectory: String?
        if let hash = url.firstIndex(of: "#") {
            let fragment = url[url.index(after: hash)...]
            guard fragment.hasPrefix(Self.subdirectoryPrefix) else {
                let message =
                    "what follows # in a workspace must be subdirectory=DIRECTORY; a branch is written @BRANCH"
                diagnostics.error(message, at: position)
                return nil
            }
            subdirectory = String(fragment.dropFirst(Self.subdirectoryPrefix.count))
            url = url[..<hash]
        }
        var reference: String?
        // An @ before the path belongs to the name of a user.
        if let scheme = url.firstRange(of: "://"), let path = url[scheme.upperBound...].firstIndex(of: "/"),
            let at = url[path...].firstIndex(of: "@")
        {
            reference = String(url[url.index(after: at)...])
            url = url[..<at]
        }
        return checkGit(String(url), reference: reference, subdirectory: subdirectory, at: position)
    }

    private func readPath(_ path: String, at position: SourcePosition) -> WorkspaceSpecification.Source? {
        if path.contains("://") {
            let message =
                "a workspace is a path or a Git repository written git+https://…, not \(shown(path)); download an archive first"
            diagnostics.error(message, at: position)
            return nil
        }
        if path.isEmpty || path.hasPrefix("~") {
            let message = "workspace must be a path; \"~\" is not expanded, and . is the directory of the file"
            diagnostics.error(message, at: position)
            return nil
        }
        return .path(Self.resolve(path, in: directory))
    }

    private func checkGit(
        _ url: String,
        reference: String?,
        subdirectory: String?,
        at position: SourcePosition
    ) -> WorkspaceSpecification.Source? {
        let schemes = ["https", "http", "ssh", "file"]
        guard let scheme = schemes.first(where: { url.hasPrefix("\($0)://") }),
            Self.reasonAgainst(argument: url) == nil, url.utf8.count > scheme.utf8.count + 3
        else {
            let known = schemes.map { "git+\($0)://" }.joined(separator: ", ")
            diagnostics.error("a Git workspace begins with \(known), not \(shown(url))", at: position)
            return nil
        }
        let authority = url.dropFirst(scheme.utf8.count + 3).prefix { $0 != "/" }
        if let user = authority.split(separator: "@").first, authority.contains("@"), user.contains(":") {
            let message =
                "the URL of the workspace holds a password, which everyone who sees the experiment could read; remove it and let "
                + "Git on the workers know it (credential.helper)"
            diagnostics.error(message, at: position)
            return nil
        }
        if let reference, let reason = Self.reasonAgainst(argument: reference) {
            diagnostics.error("the ref \(shown(reference)) of the workspace \(reason)", at: position)
        } else if let reference, reference.contains("..") || reference.contains(":") || reference.contains("^") {
            diagnostics.error(
                "the ref of the workspace must be a branch, a tag or a commit, not \(shown(reference))",
                at: position
            )
        }
        if let subdirectory, !Self.isPlainRelative(subdirectory) {
            let message = "the subdirectory of the workspace must be a relative path in it, not \(shown(subdirectory))"
            diagnostics.error(message, at: position)
        }
        return .git(url: url, reference: reference, subdirectory: subdirectory)
    }
}
