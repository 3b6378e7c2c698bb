public import SearchSpace

/// What the user asked for: the content of an experiment file, checked and with its defaults filled in.
public struct ExperimentDefinition: Sendable, Hashable, Codable {
    /// A name for people; several experiments may share it, the newest answers to it.
    public var name: String
    /// What a trial runs.
    public var command: Command
    /// What may vary.
    public var searchSpace: SearchSpace
    /// What is optimised.
    public var objective: Objective
    /// How suggestions are made.
    public var sampler: SamplerSpecification
    /// When it ends.
    public var limits: Limits
    /// What is repeated.
    public var retries: RetryLimits
    /// Absolute directory in which trials run; it must exist on the worker.
    public var workingDirectory: String
    /// Variables added to the environment of a trial.
    public var environment: [String: String]

    /// A definition; `ExperimentFile` makes one from a file.
    public init(
        name: String,
        command: Command,
        searchSpace: SearchSpace,
        objective: Objective,
        sampler: SamplerSpecification,
        limits: Limits,
        retries: RetryLimits = RetryLimits(),
        workingDirectory: String,
        environment: [String: String] = [:]
    ) {
        self.name = name
        self.command = command
        self.searchSpace = searchSpace
        self.objective = objective
        self.sampler = sampler
        self.limits = limits
        self.retries = retries
        self.workingDirectory = workingDirectory
        self.environment = environment
    }

    enum CodingKeys: String, CodingKey {
        case name, command, objective, sampler, limits, retries
        case searchSpace = "search_space"
        case workingDirectory = "working_directory"
        case environment = "env"
    }
}
