public import ExperimentModel
public import SearchSpace

/// Everything that an executor has to know to run one attempt of a trial.
public struct AttemptRequest: Sendable {
    /// Time between the request to end and SIGKILL, unless the file says otherwise.
    public static let defaultGrace: Duration = .seconds(10)

    /// The trial.
    public var trial: TrialID
    /// The number of the attempt, from 1.
    public var attempt: Int
    /// Who runs it.
    public var worker: WorkerID
    /// The values as the trial sees them.
    public var assignment: Assignment
    /// What to run, where, and what counts as its result.
    public var definition: ExperimentDefinition
    /// The command of the definition, parsed; shared by all trials of the experiment.
    public var command: CommandTemplate
    /// Time between SIGTERM and SIGKILL.
    public var grace: Duration
    /// Metrics that are kept besides the objective.
    public var metrics: Set<String>
    /// Variables set on top of everything else, such as those of the GPUs of a slot.
    public var extraEnvironment: [String: String]

    /// A request.
    public init(
        trial: TrialID,
        attempt: Int,
        worker: WorkerID,
        assignment: Assignment,
        definition: ExperimentDefinition,
        command: CommandTemplate,
        grace: Duration = Self.defaultGrace,
        metrics: Set<String> = [],
        extraEnvironment: [String: String] = [:]
    ) {
        self.trial = trial
        self.attempt = attempt
        self.worker = worker
        self.assignment = assignment
        self.definition = definition
        self.command = command
        self.grace = grace
        self.metrics = metrics
        self.extraEnvironment = extraEnvironment
    }
}
