import ExperimentModel
import Foundation
import Glibc
import Logging
import Synchronization

/// Makes the container of an attempt, so that starting it is all that is left.
struct ContainerLauncher: Sendable {
    var engine: ContainerEngine
    /// Id of the image, which is on this machine.
    var image: String
    var host: String
    /// Where files for the engine alone are written.
    var privateDirectory: String
    var owner: ProcessIdentity
    var logger: Logger

    /// An engine without the small first process says so once.
    private static let enginesWithoutInit = Mutex<Set<String>>([])

    /// Makes the container. Blocks.
    ///
    /// - Parameters:
    ///   - directory: the attempt's own, which the container's user must be able to use.
    ///   - announce: called with what is going to be made, before it is.
    func make(
        _ request: AttemptRequest,
        _ specification: ContainerSpecification,
        arguments: [String],
        variables: [String: String],
        directory: AttemptDirectory,
        announce: (GuardedContainer) -> Void
    ) throws -> RunningContainer {
        for mount in specification.mounts where mount.source.hasPrefix("/") && access(mount.source, F_OK) != 0 {
            throw EngineError.noSource(path: mount.source, host: host)
        }
        let identity = ContainerIdentity(
            request.trial,
            attempt: request.attempt,
            worker: request.worker,
            host: host,
            owner: owner
        )
        let place = ContainerPlace(request, specification, directory)
        var sorted = variables
        sorted["CUDA_VISIBLE_DEVICES"] = Self.visibleDevices(request.gpus) ?? variables["CUDA_VISIBLE_DEVICES"]
        let ways = try ContainerVariables(sorted)
        let file = try ways.fileText.map { text in
            let file = try PrivateFile.makeDirectory(in: privateDirectory) + "/variables"
            try PrivateFile.write(text, to: file)
            return file
        }
        defer {
            if let file { try? FileManager.default.removeItem(atPath: (file as NSString).deletingLastPathComponent) }
        }
        directory.openForContainer()
        // By it the next worker knows that containers may be left, if this one dies.
        try PrivateFile.makeParents(privateDirectory)
        var command = ContainerCommand(
            runtime: engine.runtime,
            identity: identity,
            specification: specification,
            image: image,
            arguments: arguments,
            ownMounts: place.mounts,
            workingDirectory: place.workingDirectory,
            passedNames: ways.passedNames,
            variablesFile: file,
            defaultUser: defaultUser,
            gpus: request.gpus,
            hasInit: !Self.enginesWithoutInit.withLock { $0.contains(engine.program) },
            hasFileLabels: access("/sys/fs/selinux/enforce", F_OK) == 0
        )
        let container = RunningContainer(identity.name, image: image, engine: engine, logger: logger)
        announce(GuardedContainer(name: identity.name, runtime: engine.runtime, program: engine.program))
        do {
            var answer = try create(command, ways)
            if !answer.isSuccess, command.hasInit, Self.isWantOfInit(answer.errors) {
                Self.enginesWithoutInit.withLock { _ = $0.insert(engine.program) }
                logger.notice(
                    "\(engine.program) has no init program: commands run as the first process of their containers"
                )
                command.hasInit = false
                answer = try create(command, ways)
            }
            guard answer.isSuccess else {
                try engine.checkAnswers()
                throw EngineError.createFailed(reason: EngineError.words(answer.errors))
            }
        } catch {
            // Nothing to remove as a rule: an engine that was late may have made it all the same.
            if case EngineError.late = error { _ = container.remove() }
            throw error
        }
        return container
    }

    private func create(
        _ command: ContainerCommand,
        _ ways: ContainerVariables
    ) throws(EngineError) -> EngineCall.Answer {
        try engine.call(try command.words, "create", ContainerEngine.createTimeout, variables: ways.passed)
    }

    private static func isWantOfInit(_ text: String) -> Bool {
        let text = text.lowercased()
        return text.contains("init") && (text.contains("not found") || text.contains("no such file"))
    }

    /// With a daemon of root's and a worker that is not root, what root writes could not be removed by the worker.
    private var defaultUser: String? {
        engine.facts.isRootless || geteuid() == 0 ? nil : "\(geteuid()):\(getegid())"
    }

    /// In a container only its own GPUs are seen, and counted from 0; what names one for good still does.
    private static func visibleDevices(_ gpus: [String]?) -> String? {
        guard let gpus else { return nil }
        let areNumbers = gpus.allSatisfy { Int($0) != nil }
        return (areNumbers ? gpus.indices.map(String.init) : gpus).joined(separator: ",")
    }
}

/// What of the machine the container of an attempt sees beside its own mounts, and where its command starts.
struct ContainerPlace: Sendable, Hashable {
    var mounts: [ContainerSpecification.Mount]
    var workingDirectory: String

    init(_ request: AttemptRequest, _ specification: ContainerSpecification, _ directory: AttemptDirectory) {
        // At the same path as outside, so that every variable that names a file of it holds.
        mounts = [.init(source: directory.path, target: directory.path)]
        let inside = request.definition.workingDirectory
        let hasWorkspace = request.definition.workspace != nil
        guard let wanted = specification.workingDirectory else {
            workingDirectory = request.workingDirectory(directory)
            if !hasWorkspace { mounts.append(.init(source: workingDirectory, target: workingDirectory)) }
            return
        }
        workingDirectory = wanted
        if hasWorkspace {
            mounts.append(.init(source: directory.workspace, target: wanted))
            if !inside.isEmpty { workingDirectory += "/" + inside }
        }
    }
}
