import ExperimentModel
public import Foundation
import Glibc
public import Logging
import SearchSpace

/// Runs attempts as processes on this host: plain ones, or programs of a container engine that follow a container.
///
/// Each attempt has a directory of its own (``AttemptDirectory``), a session and process group of its own, nothing on
/// standard input, and pipes of ours on its outputs. When its leader has exited, what is left of the group is killed.
public struct ProcessTrialExecutor: TrialExecutor {
    /// What all attempts of an executor have in common.
    public struct Settings: Sendable {
        /// Absolute directory under which attempts get theirs.
        public var workDirectory: String
        /// Name of this host, for messages.
        public var host: String
        /// Bytes of output kept of one attempt.
        public var outputCapBytes: Int
        /// Keeps the directory also of an attempt that succeeded and left nothing in `output/`.
        public var keepsEmptyDirectories: Bool
        /// Directory of our programs, which trials find at the end of their `PATH`.
        public var programDirectory: String?
        /// Values that trials may be given, by the names that definitions have for them.
        public var secrets: Secrets
        /// Brings workspaces here; `nil`: trials with one are not run.
        public var workspaces: (any WorkspaceProvider)?
        /// Finds what runs trials whose definition names a container; `nil`: those are not run.
        public var engines: EngineSearch?

        /// Settings of an executor.
        public init(
            workDirectory: String,
            host: String,
            outputCapBytes: Int = CappedLog.defaultCapBytes,
            keepsEmptyDirectories: Bool = false,
            programDirectory: String? = nil,
            secrets: Secrets = Secrets(),
            workspaces: (any WorkspaceProvider)? = nil,
            engines: EngineSearch? = nil
        ) {
            self.workDirectory = workDirectory
            self.host = host
            self.outputCapBytes = outputCapBytes
            self.keepsEmptyDirectories = keepsEmptyDirectories
            self.programDirectory = programDirectory
            self.secrets = secrets
            self.workspaces = workspaces
            self.engines = engines
        }
    }

    /// How long to wait for killed members of a group to be gone, after the leader has been reaped.
    static let groupEndPolls = 100
    static let groupEndPollInterval: Duration = .milliseconds(2)

    let settings: Settings
    let environment: TrialEnvironment
    private let reactor: AttemptReactor
    private let threads: AttemptThreads
    let trialGuard: TrialGuard?
    let memoryKills: MemoryKillWatch
    let logger: Logger

    /// An executor with its threads.
    ///
    /// - Parameters:
    ///   - inherited: the environment from which trials inherit.
    ///   - trialGuard: ends the trials when this process cannot; `nil`: nobody does.
    /// - Throws: ``ExecutionError/noDescriptors(reason:)`` when this process has no file descriptors left.
    public init(
        settings: Settings,
        inherited: [String: String] = ProcessInfo.processInfo.environment,
        trialGuard: TrialGuard? = nil,
        logger: Logger
    ) throws(ExecutionError) {
        try self.init(
            settings: settings,
            inherited: inherited,
            trialGuard: trialGuard,
            memoryKills: MemoryKillWatch(),
            logger: logger
        )
    }

    /// - Parameter memoryKills: where to see that the kernel kills for want of memory.
    init(
        settings: Settings,
        inherited: [String: String] = ProcessInfo.processInfo.environment,
        trialGuard: TrialGuard? = nil,
        memoryKills: MemoryKillWatch,
        logger: Logger
    ) throws(ExecutionError) {
        self.settings = settings
        self.trialGuard = trialGuard
        self.memoryKills = memoryKills
        self.logger = logger
        environment = TrialEnvironment(inherited: inherited, programDirectory: settings.programDirectory)
        SpawnedProcess.keepStatuses()
        reactor = try AttemptReactor()
        threads = AttemptThreads()
    }

    /// Whether a guard runs.
    public var enforcesLeaseEnds: Bool { trialGuard?.isUp ?? false }

    /// Runs one attempt: see ``TrialExecutor/run(_:control:sink:)``.
    public func run(
        _ request: AttemptRequest,
        control: AttemptControl,
        sink: any AttemptSink
    ) async -> AttemptResult {
        await withTaskCancellationHandler {
            await attempt(request, control, sink)
        } onCancel: {
            control.stop(.cancelled, immediately: true)
        }
    }

    private func attempt(
        _ request: AttemptRequest,
        _ control: AttemptControl,
        _ sink: any AttemptSink
    ) async -> AttemptResult {
        if let stop = control.stopRequest {
            return .stopped(stop.reason, AttemptOutcome(cause: stop.reason.cause, message: "stopped before it started"))
        }
        var arguments: [String]?
        do {
            let argv = try request.command.expand(request.assignment)
            arguments = argv
            let workspace = try await preparedWorkspace(request, control)
            let launcher = try await preparedContainer(request, workspace, control)
            let (started, report, end) = try await supervise(request, argv, workspace, launcher, control, sink)
            let directory = started.directory
            if workspace != nil { try? await threads.run { directory.removeWorkspace() } }
            var result = judge(report, end.status, argv, control, memoryKillsBefore: started.memoryKillsBefore)
            if let judgement = end.container { result = judgement.applied(to: result, image: launcher?.image) }
            if case .finished(let outcome) = result, outcome.cause == .succeeded, !settings.keepsEmptyDirectories {
                // Without this the directory stays, which does no harm.
                try? await threads.run { directory.removeIfNoOutput() }
            }
            return result
        } catch {
            if let stop = control.stopRequest {
                return .stopped(stop.reason, AttemptOutcome(cause: stop.reason.cause, arguments: arguments))
            }
            // Cancelled before it began; the handler that says so to the control may come only now.
            if error is CancellationError {
                return .stopped(.cancelled, AttemptOutcome(cause: .cancelled, arguments: arguments))
            }
            if (error as? any AttemptTrouble)?.isTroubleOfMachine ?? false {
                return .refused(AttemptOutcome(cause: .drained, message: "\(error)", arguments: arguments))
            }
            return .finished(AttemptOutcome(cause: .failed, message: "\(error)", arguments: arguments))
        }
    }

    // MARK: - Preparation

    /// The files of the workspace, brought here if they were not; stopped when the attempt is.
    private func preparedWorkspace(
        _ request: AttemptRequest,
        _ control: AttemptControl
    ) async throws -> (any PreparedWorkspace)? {
        guard let workspace = request.definition.workspace else { return nil }
        guard let provider = settings.workspaces else { throw ExecutionError.noWorkspaces(host: settings.host) }
        // Ends by itself, or by the control.
        let preparation = Task { try await provider.prepare(workspace) }
        control.onStop { _ in preparation.cancel() }
        defer { control.onStop(nil) }
        return try await preparation.value
    }

    // MARK: - Supervision

    private func supervise(
        _ request: AttemptRequest,
        _ argv: [String],
        _ workspace: (any PreparedWorkspace)?,
        _ launcher: ContainerLauncher?,
        _ control: AttemptControl,
        _ sink: any AttemptSink
    ) async throws -> (Started, SupervisionReport, End) {
        let token = reactor.makeToken()
        control.onStop { [reactor] in reactor.stop(token, $0) }
        control.onTimeoutChange { [reactor] in reactor.setTimeout(token, $0) }
        let attempt = GuardedAttempt(request.trial, attempt: request.attempt)
        control.leaseEnd.onMove { [trialGuard] in trialGuard?.move(attempt, to: $0) }
        defer {
            control.onStop(nil)
            control.onTimeoutChange(nil)
            control.leaseEnd.onMove(nil)
            trialGuard?.done(attempt)
        }
        let (started, report) = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<(Started, SupervisionReport), any Error>) in
            // From here to the end of the process no task is woken.
            let begin: @Sendable (Bool) -> Void = { isRefused in
                // Others may have been started first, for long: what nobody wants any more is not started.
                guard !isRefused, control.stopRequest == nil else {
                    return continuation.resume(throwing: CancellationError())
                }
                let started: Started
                do {
                    started = try start(request, argv, workspace, launcher, control, attempt)
                } catch {
                    if error as? ExecutionError == .leaseOver { control.stop(.leaseLost, immediately: true) }
                    continuation.resume(throwing: error)
                    return
                }
                reactor.supervise(
                    SupervisedProcess(
                        processID: started.process.processID,
                        processDescriptor: started.process.descriptor,
                        standardOutput: started.standardOutput,
                        standardError: started.standardError,
                        startedAt: started.startedAt,
                        signals: started.container
                    ),
                    token: token,
                    settings: supervisionSettings(request, started.directory, control, sink)
                ) { report in
                    continuation.resume(returning: (started, report))
                }
            }
            // An engine may take long, and plain processes must not wait for it.
            if launcher == nil { threads.submit(begin) } else { Thread.detachNewThread { begin(false) } }
        }
        defer { if started.directoryLock >= 0 { close(started.directoryLock) } }
        let process = started.process
        // Before its number can be somebody else's.
        trialGuard?.forget(process.processID)
        started.container?.detached()
        // The leader has ended, so this does not wait.
        var end = End(status: process.reap())
        await groupEnd(of: process.processID)
        if let container = started.container { end = await finish(container, end.status, request, started) }
        if control.leaseEnd.current != nil { await endStragglers(of: attempt, worker: request.worker) }
        return (started, report, end)
    }

    private func supervisionSettings(
        _ request: AttemptRequest,
        _ directory: AttemptDirectory,
        _ control: AttemptControl,
        _ sink: any AttemptSink
    ) -> SupervisionSettings {
        SupervisionSettings(
            trial: request.trial,
            attempt: request.attempt,
            objective: request.definition.objective,
            metrics: request.metrics,
            patterns: request.patterns,
            isJudged: request.isJudged,
            directory: directory,
            timeout: request.timeout,
            grace: request.grace,
            outputCapBytes: settings.outputCapBytes,
            control: control,
            sink: sink
        )
    }

    /// Killed members end asynchronously; nothing of the attempt may run when it is reported as ended.
    private func groupEnd(of group: Int32) async {
        for _ in 0..<Self.groupEndPolls {
            if kill(-group, 0) != 0 { return }
            // Orphans are children of the first process of a container (or of a subreaper), which may be this one.
            while waitpid(-group, nil, WNOHANG) > 0 {}
            if kill(-group, 0) != 0 { return }
            // In a task of its own, which ends by itself: a cancelled attempt has to wait as well.
            await Task { try? await Task.sleep(for: Self.groupEndPollInterval) }.value
        }
        logger.debug("members of the process group \(group) have been killed and not yet been reaped")
    }

    /// Only of an exclusive attempt: what another left in a session of its own is none of our business.
    private func endStragglers(of attempt: GuardedAttempt, worker: WorkerID) async {
        let areGone = await withCheckedContinuation { continuation in
            threads.submit { _ in continuation.resume(returning: Stragglers.end(of: attempt, worker: worker)) }
        }
        if !areGone { logger.warning("processes of trial \(attempt.trial) have been killed and do not end") }
    }

    static func reason(_ failure: ProcessSpawner.Failure) -> String {
        switch failure.code {
        case E2BIG:
            "its arguments and environment are larger than the kernel takes; let the trial read $HYPER_PARAMS_FILE"
        case ENOEXEC: "it is no program; a script needs a first line such as #!/bin/sh"
        // That the program itself exists was looked up before.
        case ENOENT: "the interpreter that its first line names does not exist"
        case EACCES:
            "it, its interpreter or the working directory may not be used (\(String(cString: strerror(EACCES))))"
        case EAGAIN:
            "the system allows no further process now; raise the limit (ulimit -u, or pids.max of the control group) or run "
                + "fewer slots"
        case ENOMEM: "the system has no memory for a further process; run fewer slots"
        case EMFILE, ENFILE:
            "\(String(cString: strerror(failure.code))); raise the limit (ulimit -n) or run fewer slots"
        case ENOSYS: "this system's C library is too old; glibc 2.29 or newer is needed"
        default: String(cString: strerror(failure.code))
        }
    }
}
