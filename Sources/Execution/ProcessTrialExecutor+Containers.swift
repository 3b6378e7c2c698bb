import ExperimentModel
import Foundation
import Glibc
import Logging

/// What an attempt in a container needs beside what every attempt needs.
extension ProcessTrialExecutor {
    /// How the process of an attempt ended, and the container that it followed.
    struct End {
        /// What stands for the end of the trial's own process.
        var status: SpawnedProcess.End
        var container: ContainerJudgement?
    }

    private var privateDirectory: String { settings.workDirectory + "/.engine" }

    /// Whether a worker of this work directory has ever made a container: some may be left.
    public var hasMadeContainers: Bool { access(privateDirectory, F_OK) == 0 }

    /// Finds the engine, and removes what workers that have died left in it; see ``TrialExecutor/findRuntime()``.
    public func findRuntime() async -> RuntimeAnswer {
        guard let engines = settings.engines else { return .none(reason: "it runs plain processes only") }
        if engines.choice == .process { return .runs(.process) }
        let isNew = engines.found == nil
        do {
            let engine = try await EngineThread.run { try engines.engine() }
            if isNew {
                try await EngineThread.run { [host = settings.host, logger] in
                    ContainerLeftovers.remove(engine, host: host, logger: logger)
                }
            }
            return .runs(engine.runtime)
        } catch {
            return .none(reason: "\(error)")
        }
    }

    /// The image that the definition names, brought here if it was not; `nil`: the attempt needs none. Stopped when the attempt
    /// is.
    func preparedContainer(
        _ request: AttemptRequest,
        _ workspace: (any PreparedWorkspace)?,
        _ control: AttemptControl
    ) async throws -> ContainerLauncher? {
        guard let specification = request.definition.container else { return nil }
        guard let engines = settings.engines else {
            throw EngineError.noEngine(reasons: ["this worker looks for none"])
        }
        if engines.choice == .process { return nil }
        var credentials: String?
        if let name = specification.registryAuth {
            guard let value = settings.secrets[name], value.contains(":") else {
                throw EngineError.registrySecret(name: name, host: settings.host)
            }
            credentials = value
        }
        guard let owner = ProcessIdentity.current() else {
            throw EngineError.noEngine(reasons: ["/proc is not there, by which containers of dead workers are known"])
        }
        let order = ImageSupply.Order(
            specification: specification,
            credentials: credentials,
            workspace: request.definition.workspace,
            files: workspace,
            isCancelled: { control.stopRequest != nil }
        )
        return try await EngineThread.run { [settings, privateDirectory, logger] in
            let engine = try engines.engine()
            let supply = ImageSupply(
                engine: engine,
                directory: privateDirectory,
                host: settings.host,
                logger: logger
            )
            return ContainerLauncher(
                engine: engine,
                image: try supply.supply(order),
                host: settings.host,
                privateDirectory: privateDirectory,
                owner: owner,
                logger: logger
            )
        }
    }

    /// Learns how a container ended, and removes it.
    func finish(
        _ container: RunningContainer,
        _ attached: SpawnedProcess.End,
        _ request: AttemptRequest,
        _ started: Started
    ) async -> End {
        // A thread cannot be cancelled, and this has an end of its own.
        let (end, isGone) = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: container.finish()) }
        }
        // What is left stays the guard's, which tries again when this worker has ended.
        if isGone { trialGuard?.forget(container: container.name) }
        let hasNote = started.directory.takeMemoryNote()
        let judgement = ContainerJudgement(
            end: end,
            attached: attached,
            memoryBytes: request.definition.container?.memoryBytes,
            memoryNews: { [memoryKills] in
                hasNote
                    ? "the monitor of its container noted that memory was used up"
                    : memoryKills.news(since: started.memoryKillsBefore)
            }
        )
        return End(status: judgement.status, container: judgement)
    }

    /// Removes a container that was made and not started.
    func abandon(_ container: RunningContainer) {
        if container.remove() { trialGuard?.forget(container: container.name) }
    }
}

extension ContainerJudgement {
    /// The result with what is known of the container.
    func applied(to result: AttemptResult, image: String?) -> AttemptResult {
        switch result {
        case .finished(let outcome):
            var outcome = outcome.cause == .timedOut ? outcome : apply(to: outcome)
            outcome.image = image
            if outcome.cause != .succeeded { outcome.value = nil }
            return .finished(outcome)
        case .refused(var outcome):
            outcome.image = image
            return .refused(outcome)
        case .stopped(let reason, var outcome):
            outcome.image = image
            return .stopped(reason, outcome)
        }
    }
}
