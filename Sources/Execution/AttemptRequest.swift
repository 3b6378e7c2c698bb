public import ExperimentModel
public import MetricPatterns
public import SearchSpace

/// Everything that an executor has to know to run one attempt of a trial.
public struct AttemptRequest: Sendable {
    /// Metrics that are kept beside the objective; further names of a definition are not.
    public static let maximumMetrics = 256
    /// Patterns that find reports in output; further ones of a definition do not.
    public static let maximumPatterns = 16

    /// The trial.
    public var trial: TrialID
    /// The number of the attempt, from 1.
    public var attempt: Int
    /// Who runs it.
    public var worker: WorkerID
    /// The values as the trial sees them.
    public var assignment: Assignment
    /// What to run, where, and what counts as its result. Its limits are those of the beginning: see ``timeout``.
    public var definition: ExperimentDefinition
    /// The command of the definition, parsed; shared by all trials of the experiment.
    public var command: CommandTemplate
    /// How long the attempt may run; `nil` means without end.
    public var timeout: Duration?
    /// Time between SIGTERM and SIGKILL.
    public var grace: Duration
    /// Metrics that are kept beside the objective.
    public var metrics: Set<String>
    /// Patterns that find reports in output.
    public var patterns: [MetricPattern]
    /// Whether policies look at the reports of the objective: they are numbered then, and do not wait for each other.
    public var isJudged: Bool
    /// Variables set on top of everything else.
    public var extraEnvironment: [String: String]
    /// GPUs that are this attempt's alone, as `CUDA_VISIBLE_DEVICES` names them; `nil`: its worker shares out none.
    public var gpus: [String]?

    /// A request.
    ///
    /// The grace and the metrics are those of the definition.
    /// - Parameter limits: the experiment's limits as they are now; a person may have changed those of the definition.
    public init(
        trial: TrialID,
        attempt: Int,
        worker: WorkerID,
        assignment: Assignment,
        definition: ExperimentDefinition,
        limits: Limits,
        command: CommandTemplate,
        extraEnvironment: [String: String] = [:],
        gpus: [String]? = nil
    ) {
        self.trial = trial
        self.attempt = attempt
        self.worker = worker
        self.assignment = assignment
        self.definition = definition
        self.command = command
        timeout = AttemptTimes.timeout(seconds: limits.trialTimeoutSeconds)
        grace = AttemptTimes.grace(seconds: definition.graceSeconds)
        metrics = Set(definition.metrics.prefix(Self.maximumMetrics))
        // What the reader of files would refuse was stored by another program; the message of a trial without a report tells of it.
        patterns = definition.metricsPatterns.prefix(Self.maximumPatterns).compactMap { try? MetricPattern($0) }
        isJudged = !definition.earlyTermination.isEmpty
        self.extraEnvironment = extraEnvironment
        self.gpus = gpus
    }

    /// Where the attempt runs on this machine: in its copy of the workspace, if there is one.
    func workingDirectory(_ directory: AttemptDirectory) -> String {
        guard definition.workspace != nil else { return definition.workingDirectory }
        return definition.workingDirectory.isEmpty
            ? directory.workspace : directory.workspace + "/" + definition.workingDirectory
    }
}
