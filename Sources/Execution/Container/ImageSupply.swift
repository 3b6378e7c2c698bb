import ExperimentModel
import Foundation
import Glibc
import Logging

/// Gets the images that trials run in: looks, pulls, builds; each image by one worker of a host at a time, and once.
struct ImageSupply: Sendable {
    /// Time between two looks at whether another has done what is waited for.
    private static let lockPollMicroseconds: UInt32 = 200_000
    /// Name of images that are built here; what follows says of what.
    static let buildName = "localhost/hyper-build"

    /// An image, and what a private one needs.
    struct Order: Sendable {
        var specification: ContainerSpecification
        /// `user:password`, when the definition names a secret.
        var credentials: String?
        var workspace: WorkspaceSpecification?
        var files: (any PreparedWorkspace)?
        /// Whether nobody wants it any more.
        var isCancelled: @Sendable () -> Bool
    }

    var engine: ContainerEngine
    /// Where locks and what is to be built from are kept.
    var directory: String
    var host: String
    var logger: Logger

    /// The id of the image, `sha256:…`, which is then on this machine. Blocks.
    func supply(_ order: Order) throws -> String {
        switch order.specification.source {
        case .image(let name):
            if order.specification.pull != .always, let id = try id(of: name) { return id }
            if order.specification.pull == .never { throw EngineError.noImage(image: name, host: host) }
            return try alone(with: name, order.isCancelled) {
                if order.specification.pull != .always, let id = try id(of: name) { return id }
                try pull(name, order)
                guard let id = try id(of: name) else {
                    throw EngineError.pullFailed(
                        image: name,
                        reason: "it is not there afterwards",
                        isTroubleOfMachine: false
                    )
                }
                return id
            }
        case .dockerfile(let path):
            let tag = try Self.tag(of: path, order.workspace)
            if let id = try id(of: tag) { return id }
            return try alone(with: tag, order.isCancelled) {
                if let id = try id(of: tag) { return id }
                try build(path, tag, order)
                guard let id = try id(of: tag) else {
                    throw EngineError.buildFailed(
                        dockerfile: path,
                        reason: "it is not there afterwards",
                        isTroubleOfMachine: false
                    )
                }
                return id
            }
        }
    }

    /// The name of the image that is built from a Dockerfile of a workspace: another content, another name.
    static func tag(of dockerfile: String, _ workspace: WorkspaceSpecification?) throws(EngineError) -> String {
        let content: String
        switch (workspace?.content, workspace?.source) {
        case (.snapshot(let hash, _, _), _): content = hash
        case (.commit(let commit), .git(_, _, let subdirectory)):
            content = "\(commit)-\(ContainerIdentity.hash(subdirectory ?? ""))"
        case (.commit(let commit), _): content = commit
        case (nil, _): throw .noContent(dockerfile: dockerfile)
        }
        return "\(buildName):\(content)-\(ContainerIdentity.hash(dockerfile))"
    }

    private func id(of name: String) throws(EngineError) -> String? {
        let answer = try engine.call(
            ["image", "inspect", "--format", "{{.Id}}", name],
            "image inspect",
            ContainerEngine.answerTimeout
        )
        guard answer.isSuccess else {
            if ContainerEngine.isAbsence(answer.errors) { return nil }
            // A name that the engine does not take is the definition's fault; an engine that is away is not.
            try engine.checkAnswers()
            throw .pullFailed(image: name, reason: EngineError.words(answer.errors), isTroubleOfMachine: false)
        }
        let id = answer.output.prefix { !$0.isWhitespace }
        return id.isEmpty ? nil : id.contains(":") ? String(id) : "sha256:\(id)"
    }

    private func pull(_ name: String, _ order: Order) throws {
        logger.info("image \(shown(name, limit: 200)) is pulled")
        try withCredentials(order, name) { options, variables in
            let answer = try call(
                options.before + ["pull", "--quiet"] + options.after + [name],
                "pull",
                ContainerEngine.pullTimeout,
                variables,
                order
            )
            guard !answer.isSuccess else { return }
            try engine.checkAnswers()
            throw EngineError.pullFailed(
                image: name,
                reason: EngineError.words(answer.errors),
                isTroubleOfMachine: Self.isTrouble(answer.errors)
            )
        }
    }

    private func build(_ dockerfile: String, _ tag: String, _ order: Order) throws {
        guard let files = order.files else { throw EngineError.noContent(dockerfile: dockerfile) }
        let context = try PrivateFile.makeDirectory(in: directory)
        defer { try? FileManager.default.removeItem(atPath: context) }
        try files.unpack(into: context)
        logger.info("an image is built from \(shown(dockerfile, limit: 200)) of the workspace")
        try withCredentials(order, nil) { options, variables in
            let pull = order.specification.pull == .always ? ["--pull"] : []
            let arguments = ["--file", "\(context)/\(dockerfile)", "--tag", tag, context]
            let answer = try call(
                options.before + ["build"] + options.after + pull + arguments,
                "build",
                ContainerEngine.buildTimeout,
                variables,
                order
            )
            guard !answer.isSuccess else { return }
            try engine.checkAnswers()
            // Podman tells the steps on one output and the mistake on the other, Docker tells all on either.
            let said = [answer.output, answer.errors].joined(separator: "\n")
            throw EngineError.buildFailed(
                dockerfile: dockerfile,
                reason: EngineError.words(said),
                isTroubleOfMachine: Self.isTrouble(answer.errors)
            )
        }
    }

    private func call(
        _ arguments: [String],
        _ what: String,
        _ timeout: Duration,
        _ variables: [String: String],
        _ order: Order
    ) throws -> EngineCall.Answer {
        do {
            return try engine.call(arguments, what, timeout, variables: variables, isCancelled: order.isCancelled)
        } catch {
            if order.isCancelled() { throw CancellationError() }
            throw error
        }
    }

    /// Whether an engine complains of the network or the disk, so that a later try may well do.
    static func isTrouble(_ text: String) -> Bool {
        let text = text.lowercased()
        return [
            "i/o timeout", "connection refused", "connection reset", "network is unreachable", "no route to host",
            "handshake timeout", "temporary failure", "no space left", "deadline exceeded", "too many requests",
            "service unavailable", "unexpected eof",
        ].contains { text.contains($0) }
    }

    // MARK: - One at a time

    /// Runs `body` while no other worker of this host does so for the same key. The lock is the kernel's: it ends with its
    /// process.
    private func alone(
        with key: String,
        _ isCancelled: @Sendable () -> Bool,
        _ body: () throws -> String
    ) throws -> String {
        try PrivateFile.makeParents(directory)
        let path = "\(directory)/\(ContainerIdentity.hash(key)).lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw EngineError.file(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        let end = ContinuousClock.now + ContainerEngine.pullTimeout
        // Where the file system knows no locks, two may do the same; the engine sorts that out.
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
            if isCancelled() { throw CancellationError() }
            guard .now < end else {
                throw EngineError.late(engine.runtime, call: "pull or build", limit: ContainerEngine.pullTimeout)
            }
            usleep(Self.lockPollMicroseconds)
        }
        if isCancelled() { throw CancellationError() }
        return try body()
    }

    // MARK: - Credentials

    private typealias Options = (before: [String], after: [String])

    /// Runs `body` with options that make the engine use the credentials, if there are any, from a file that is removed
    /// afterwards.
    private func withCredentials(
        _ order: Order,
        _ image: String?,
        _ body: (Options, [String: String]) throws -> Void
    ) throws {
        guard let credentials = order.credentials else { return try body(([], []), [:]) }
        let place = try PrivateFile.makeDirectory(in: directory)
        defer { try? FileManager.default.removeItem(atPath: place) }
        let path = "\(place)/config.json"
        try PrivateFile.write(RegistryCredentials.file(credentials, for: image), to: path)
        switch engine.runtime {
        case .docker:
            // With another directory for its settings it would forget which engine it is to talk to.
            let variables = try dockerHost().map { ["DOCKER_HOST": $0] } ?? [:]
            try body((["--config", place], []), variables)
        case .podman, .process: try body(([], ["--authfile", path]), [:])
        }
    }

    private func dockerHost() throws(EngineError) -> String? {
        if engine.environment["DOCKER_HOST"] != nil { return nil }
        let arguments = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
        let answer = try engine.call(arguments, "context", ContainerEngine.answerTimeout)
        let host = answer.output.prefix { !$0.isWhitespace }
        return answer.isSuccess && !host.isEmpty ? String(host) : nil
    }
}

/// `user:password` in the form in which engines keep it.
enum RegistryCredentials {
    /// Docker's own registry, by the names that it has in files.
    private static let central = ["https://index.docker.io/v1/", "docker.io"]

    /// Registry of an image: what stands before the first slash, if it can be a host.
    static func registries(of image: String) -> [String] {
        guard let first = image.split(separator: "/", maxSplits: 1).first, image.contains("/"),
            first.contains(".") || first.contains(":") || first == "localhost"
        else { return central }
        return first == "docker.io" ? central : [String(first)]
    }

    /// The text of a `config.json` or `auth.json`. Without an image, nothing is known of the registry, and the central one is
    /// meant.
    static func file(_ credentials: String, for image: String?) throws -> String {
        let entry = ["auth": Data(credentials.utf8).base64EncodedString()]
        let registries = image.map { Self.registries(of: $0) } ?? central
        let entries = Dictionary(uniqueKeysWithValues: registries.map { ($0, entry) })
        let data = try JSONEncoder().encode(["auths": entries])
        return String(decoding: data, as: UTF8.self)
    }
}
