import OrderedCollections
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
    /// Which trials are stopped before they end by themselves: the first policy that wants it decides. None: all run on.
    public var earlyTermination: [PolicySpecification]
    /// When it ends.
    public var limits: Limits
    /// What is repeated.
    public var retries: RetryLimits
    /// Directory in which trials run: absolute, and it must exist on the worker; with a workspace it is relative to that, and
    /// empty for the workspace itself.
    public var workingDirectory: String
    /// Variables added to the environment of a trial.
    public var environment: [String: String]
    /// Variables of a trial whose values the worker knows, by their names among its secrets.
    public var secretEnvironment: [String]
    /// The container that trials run in; `nil`: none, they are processes of the worker's machine.
    public var container: ContainerSpecification?
    /// Files that every attempt finds in a directory of its own, where it runs; `nil`: none.
    public var workspace: WorkspaceSpecification?
    /// Labels that a worker must have.
    public var requiredLabels: [String: String]
    /// Which files that a trial leaves are kept in the store; `nil`: none.
    public var artifacts: ArtifactRules?
    /// What it is about, for people.
    public var description: String?
    /// Names and values for people and their tools.
    public var tags: [String: String]
    /// Whom to ask about it.
    public var owner: String?
    /// Workers turn to experiments with a higher number more often; none starves.
    public var priority: Int
    /// Values for `${{inputs.name}}` in the command, the same for every trial.
    public var inputs: [String: ParameterValue]
    /// How parameters reach a command without placeholders.
    public var argumentStyle: ArgumentStyle
    /// Names of metrics that are kept beside the objective.
    public var metrics: [String]
    /// Regular expressions that find reports in output.
    public var metricsPatterns: [String]
    /// Seconds between SIGTERM and SIGKILL for a trial that must stop.
    public var graceSeconds: Double
    /// Whether attempts of a trial must never overlap: one that cannot renew its lease is ended before that is over.
    public var isExclusive: Bool
    /// Seconds that a trial runs on while its worker cannot reach the store; means nothing for an exclusive one.
    public var storeOutageLimitSeconds: Double
    /// Points that are tried first, in this order: given labels with their values; the others are drawn.
    public var initial: [Suggestion]

    /// Seconds between SIGTERM and SIGKILL, unless the file says otherwise.
    public static let defaultGraceSeconds = 10.0
    /// Seconds that a trial runs on without its store, unless the file says otherwise.
    public static let defaultStoreOutageLimitSeconds = 3600.0
    /// Priority of an experiment that names none.
    public static let defaultPriority = 0

    /// A definition; `ExperimentFile` makes one from a file.
    public init(
        name: String,
        command: Command,
        searchSpace: SearchSpace,
        objective: Objective,
        sampler: SamplerSpecification,
        earlyTermination: [PolicySpecification] = [],
        limits: Limits,
        retries: RetryLimits = RetryLimits(),
        workingDirectory: String,
        environment: [String: String] = [:],
        secretEnvironment: [String] = [],
        container: ContainerSpecification? = nil,
        workspace: WorkspaceSpecification? = nil,
        requiredLabels: [String: String] = [:],
        artifacts: ArtifactRules? = nil,
        description: String? = nil,
        tags: [String: String] = [:],
        owner: String? = nil,
        priority: Int = Self.defaultPriority,
        inputs: [String: ParameterValue] = [:],
        argumentStyle: ArgumentStyle = .append,
        metrics: [String] = [],
        metricsPatterns: [String] = [],
        graceSeconds: Double = Self.defaultGraceSeconds,
        isExclusive: Bool = false,
        storeOutageLimitSeconds: Double = Self.defaultStoreOutageLimitSeconds,
        initial: [Suggestion] = []
    ) {
        self.name = name
        self.command = command
        self.searchSpace = searchSpace
        self.objective = objective
        self.sampler = sampler
        self.earlyTermination = earlyTermination
        self.limits = limits
        self.retries = retries
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.secretEnvironment = secretEnvironment
        self.container = container
        self.workspace = workspace
        self.requiredLabels = requiredLabels
        self.artifacts = artifacts
        self.description = description
        self.tags = tags
        self.owner = owner
        self.priority = priority
        self.inputs = inputs
        self.argumentStyle = argumentStyle
        self.metrics = metrics
        self.metricsPatterns = metricsPatterns
        self.graceSeconds = graceSeconds
        self.isExclusive = isExclusive
        self.storeOutageLimitSeconds = storeOutageLimitSeconds
        self.initial = initial
    }

    enum CodingKeys: String, CodingKey {
        case name, command, objective, sampler, limits, retries, description, tags, owner, priority, inputs, metrics
        case initial, workspace, artifacts
        case searchSpace = "search_space"
        case earlyTermination = "early_termination"
        case workingDirectory = "working_directory"
        case environment = "env"
        case secretEnvironment = "secret_env"
        case container = "environment"
        case requiredLabels = "requires"
        case argumentStyle = "arguments"
        case metricsPatterns = "metrics_pattern"
        case graceSeconds = "grace"
        case isExclusive = "exclusive"
        case storeOutageLimitSeconds = "store_outage_limit"
    }

    /// Reads the stored form; what an older program did not write has its default.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        command = try container.decode(Command.self, forKey: .command)
        searchSpace = try container.decode(SearchSpace.self, forKey: .searchSpace)
        objective = try container.decode(Objective.self, forKey: .objective)
        sampler = try container.decode(SamplerSpecification.self, forKey: .sampler)
        earlyTermination =
            try container.decodeIfPresent([PolicySpecification].self, forKey: .earlyTermination) ?? []
        limits = try container.decode(Limits.self, forKey: .limits)
        retries = try container.decode(RetryLimits.self, forKey: .retries)
        workingDirectory = try container.decode(String.self, forKey: .workingDirectory)
        environment = try container.decode([String: String].self, forKey: .environment)
        secretEnvironment = try container.decodeIfPresent([String].self, forKey: .secretEnvironment) ?? []
        self.container = try container.decodeIfPresent(ContainerSpecification.self, forKey: .container)
        workspace = try container.decodeIfPresent(WorkspaceSpecification.self, forKey: .workspace)
        requiredLabels = try container.decodeIfPresent([String: String].self, forKey: .requiredLabels) ?? [:]
        artifacts = try container.decodeIfPresent(ArtifactRules.self, forKey: .artifacts)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        tags = try container.decodeIfPresent([String: String].self, forKey: .tags) ?? [:]
        owner = try container.decodeIfPresent(String.self, forKey: .owner)
        priority = try container.decodeIfPresent(Int.self, forKey: .priority) ?? Self.defaultPriority
        inputs = try container.decodeIfPresent([String: ParameterValue].self, forKey: .inputs) ?? [:]
        argumentStyle = try container.decodeIfPresent(ArgumentStyle.self, forKey: .argumentStyle) ?? .append
        metrics = try container.decodeIfPresent([String].self, forKey: .metrics) ?? []
        metricsPatterns = try container.decodeIfPresent([String].self, forKey: .metricsPatterns) ?? []
        graceSeconds =
            try container.decodeIfPresent(Double.self, forKey: .graceSeconds) ?? Self.defaultGraceSeconds
        isExclusive = try container.decodeIfPresent(Bool.self, forKey: .isExclusive) ?? false
        storeOutageLimitSeconds =
            try container.decodeIfPresent(Double.self, forKey: .storeOutageLimitSeconds)
            ?? Self.defaultStoreOutageLimitSeconds
        initial = try container.decodeIfPresent([Suggestion].self, forKey: .initial)?.map(searchSpace.canonical) ?? []
    }
}
