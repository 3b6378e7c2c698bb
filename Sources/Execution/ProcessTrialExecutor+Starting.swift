import ExperimentModel
import Foundation
import Glibc
import SearchSpace

/// Starting the process of an attempt: its directory, what it is given, and how it is launched.
extension ProcessTrialExecutor {
    /// A process that runs, and where.
    struct Started: Sendable {
        var directory: AttemptDirectory
        /// Keeps others from cleaning the directory up; -1 where there are no locks.
        var directoryLock: Int32
        var process: SpawnedProcess
        /// What the process follows; `nil`: it is the trial itself.
        var container: RunningContainer?
        /// Reading ends.
        var standardOutput: Int32
        var standardError: Int32
        var startedAt: ContinuousClock.Instant
        var memoryKillsBefore: MemoryKillWatch.Reading
    }

    /// What is started for an attempt.
    private struct Launch {
        var program: String
        var arguments: [String]
        var environment: [String: String]
        var workingDirectory: String
        var container: RunningContainer?
    }

    /// Makes the attempt's directory and starts its process; blocks.
    func start(
        _ request: AttemptRequest,
        _ argv: [String],
        _ workspace: (any PreparedWorkspace)?,
        _ launcher: ContainerLauncher?,
        _ control: AttemptControl,
        _ attempt: GuardedAttempt
    ) throws -> Started {
        guard let name = argv.first, !name.isEmpty else { throw ExecutionError.emptyCommand }
        let directory = try AttemptDirectory(
            root: settings.workDirectory,
            trial: request.trial,
            attempt: request.attempt
        )
        let parameters = ParameterValue.mapping(request.assignment).json
        let variables = try variables(of: request, directory, parameters, launcher)
        // With a directory of its own in the container, that of the machine is not used.
        let needsDirectory = launcher == nil || request.definition.container?.workingDirectory == nil
        if workspace == nil, needsDirectory { try checkDirectory(of: request, directory) }
        try directory.create(parameters: parameters)
        let directoryLock = directory.lock()
        var isStarted = false
        defer { if !isStarted, directoryLock >= 0 { close(directoryLock) } }
        if let workspace {
            do {
                try directory.createWorkspace()
                try workspace.unpack(into: directory.workspace)
                try checkDirectory(of: request, directory)
            } catch {
                directory.remove()
                throw error
            }
        }
        let end = control.leaseEnd.current
        if let end {
            // The guard knows of it before it begins: this process may be stopped at any moment from here.
            trialGuard?.begin(attempt, until: end)
            guard .now < end else { throw ExecutionError.leaseOver }
        }
        let launch: Launch
        do {
            launch =
                try launcher.map {
                    try containerLaunch($0, request, argv, variables, directory, end.map { _ in attempt })
                } ?? plainLaunch(request, argv, variables, directory)
        } catch {
            directory.remove()
            throw error
        }
        defer { if !isStarted, let container = launch.container { abandon(container) } }
        if launch.container != nil, control.stopRequest != nil { throw CancellationError() }
        let standardOutput = try OutputPipe()
        let standardError: OutputPipe
        do { standardError = try OutputPipe() } catch {
            standardOutput.closeAll()
            throw error
        }
        let memoryKillsBefore = memoryKills.before()
        do {
            let process = try ProcessSpawner.spawn(
                ProcessSpawner.Launch(
                    program: launch.program,
                    arguments: launch.arguments,
                    environment: launch.environment,
                    workingDirectory: launch.workingDirectory,
                    standardOutput: standardOutput.write,
                    standardError: standardError.write
                )
            )
            trialGuard?.watch(process.processID, of: end.map { _ in attempt })
            launch.container?.attached(process.processID)
            standardOutput.closeWritingEnd()
            standardError.closeWritingEnd()
            isStarted = true
            return Started(
                directory: directory,
                directoryLock: directoryLock,
                process: process,
                container: launch.container,
                standardOutput: standardOutput.read,
                standardError: standardError.read,
                startedAt: .now,
                memoryKillsBefore: memoryKillsBefore
            )
        } catch {
            standardOutput.closeAll()
            standardError.closeAll()
            // It may have gone since it was looked at, and the kernel does not say what it did not find.
            if error.code == ENOENT, launch.container == nil { try checkDirectory(of: request, directory) }
            throw ExecutionError.refusal(error, program: name, host: settings.host)
        }
    }

    /// The command itself.
    private func plainLaunch(
        _ request: AttemptRequest,
        _ argv: [String],
        _ variables: [String: String],
        _ directory: AttemptDirectory
    ) throws -> Launch {
        let workingDirectory = request.workingDirectory(directory)
        let name = argv[0]
        do {
            let program = try ExecutableLookup.find(name, path: variables["PATH"], in: workingDirectory)
            return Launch(
                program: program,
                arguments: argv,
                environment: variables,
                workingDirectory: workingDirectory
            )
        } catch {
            throw ExecutionError.cannotStart(program: name, failure: error, host: settings.host)
        }
    }

    /// The engine's program, attached to a container that is made here.
    private func containerLaunch(
        _ launcher: ContainerLauncher,
        _ request: AttemptRequest,
        _ argv: [String],
        _ variables: [String: String],
        _ directory: AttemptDirectory,
        _ attempt: GuardedAttempt?
    ) throws -> Launch {
        guard let specification = request.definition.container else { throw ExecutionError.emptyCommand }
        var announced: String?
        do {
            let container = try launcher.make(
                request,
                specification,
                arguments: argv,
                variables: variables,
                directory: directory
            ) {
                announced = $0.name
                trialGuard?.watch($0, of: attempt)
            }
            return Launch(
                program: container.engine.program,
                arguments: container.attachWords,
                environment: container.engine.environment,
                // Podman's monitor notes there that memory ran out.
                workingDirectory: directory.path,
                container: container
            )
        } catch {
            if let announced { trialGuard?.forget(container: announced) }
            throw error
        }
    }

    /// The variables of the trial: of a container, without what its worker inherited from its own surroundings.
    private func variables(
        of request: AttemptRequest,
        _ directory: AttemptDirectory,
        _ parameters: String,
        _ launcher: ContainerLauncher?
    ) throws -> [String: String] {
        var variables: [String: String]
        if launcher != nil, let specification = request.definition.container {
            var request = request
            request.definition.environment.merge(specification.variables) { $1 }
            variables = try TrialEnvironment(inherited: [:])
                .variables(for: request, directory: directory, parameters: parameters)
        } else {
            variables = try environment.variables(for: request, directory: directory, parameters: parameters)
        }
        for name in request.definition.secretEnvironment {
            guard let value = settings.secrets[name] else {
                throw ExecutionError.noSecret(name: name, host: settings.host)
            }
            variables[name] = value
        }
        return variables
    }

    private func checkDirectory(of request: AttemptRequest, _ directory: AttemptDirectory) throws(ExecutionError) {
        let path = request.workingDirectory(directory)
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        guard request.definition.workspace == nil else {
            throw .noDirectoryInWorkspace(path: request.definition.workingDirectory)
        }
        throw .noWorkingDirectory(path: path, host: settings.host)
    }
}
