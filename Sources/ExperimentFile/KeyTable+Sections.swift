import ExperimentModel

extension KeyTable {
    /// The keys of the file itself.
    static let file = KeyTable(
        nil,
        requiredKeys + samplingKeys + commandKeys + placeKeys + peopleKeys,
        later: [
            LaterKey(name: "warm_start", meaning: "results of an earlier experiment")
        ],
        frame: [
            ("command", "[python3, train.py]"), ("search_space", "{lr: \"loguniform(-9, -2)\"}"),
            ("objective", "{metric: accuracy, goal: maximize}"), ("limits", "{max_trials: 50}"),
        ]
    )

    private static let requiredKeys = [
        FileKey(
            "command",
            .other("list of arguments, or text for `/bin/sh -c`"),
            .mistake,
            "what a trial runs",
            example: "[python3, train.py]"
        ),
        FileKey(
            "search_space",
            .other("mapping from names to parameters, or a whole space as Python text"),
            .mistake,
            "what may vary",
            example: "{lr: \"loguniform(-9, -2)\", layers: {type: int, min: 1, max: 5}}"
        ),
        FileKey(
            "objective",
            .other("mapping, see `objective`"),
            .mistake,
            "what is optimised",
            example: "{metric: accuracy, goal: maximize}"
        ),
        FileKey("limits", .other("mapping, see `limits`"), .mistake, "when it ends", example: "{max_trials: 50}"),
    ]

    private static let samplingKeys = [
        FileKey(
            "sampler",
            .other("name, or mapping, see `sampler`"),
            .value(SamplerSpecification.defaultKind.rawValue),
            "how values are chosen",
            example: "{type: random, seed: 7}"
        ),
        FileKey(
            "early_termination",
            .other("name, mapping, or list of them, see `early_termination`"),
            .value(PolicyReader.none),
            "which running trials are stopped before they end by themselves",
            example: "{type: bandit, slack_factor: 0.1, delay_evaluation: 5}"
        ),
        FileKey(
            "initial",
            .other("list of mappings from parameters to values, at most \(DefinitionReader.maximumInitial)"),
            .value("[]"),
            "points that are tried first, in this order; what a point leaves out is drawn",
            example: "[{lr: 0.001}]"
        ),
        FileKey(
            "metrics",
            .other("list of names, at most \(DefinitionReader.maximumMetrics); not `step`"),
            .value("[]"),
            "metrics that are kept beside the objective",
            example: "[loss, seconds]"
        ),
        metricsPatternKey,
        FileKey(
            "retries",
            .other("mapping, see `retries`"),
            .value("{}"),
            "how often an attempt is repeated, by cause",
            example: "{lost: 3, failed: 1}"
        ),
        FileKey(
            "retry_delay",
            .other("duration of at most 5m, or 0"),
            .note("2s; lost attempts: first at once, then 5s"),
            "time before the first repeat of an attempt that waits; it doubles with each one, up to five minutes",
            example: "10s"
        ),
        FileKey(
            "fail_fast",
            .truth,
            .value("\(DefinitionReader.defaultIsFailFast)"),
            "whether the experiment fails when its first trials all fail: three, or as many as there are slots",
            example: "false",
            isLive: true
        ),
        FileKey(
            "grace",
            .duration,
            .value("\(Int(ExperimentDefinition.defaultGraceSeconds))s"),
            "time between SIGTERM and SIGKILL for a trial that must stop",
            example: "30s"
        ),
        FileKey(
            "exclusive",
            .truth,
            .value("false"),
            "whether attempts of a trial must never overlap: one whose worker cannot renew its lease is ended before the "
                + "lease is",
            example: "true"
        ),
        FileKey(
            "store_outage_limit",
            .duration,
            .value("\(Int(ExperimentDefinition.defaultStoreOutageLimitSeconds / 3600))h"),
            "how long a trial runs on while its worker cannot reach the store; an exclusive one does not wait for it",
            example: "30m"
        ),
        FileKey(
            "priority",
            .wholeNumber(DefinitionReader.priorityRange),
            .value("\(ExperimentDefinition.defaultPriority)"),
            "workers turn to experiments with a higher number more often; none starves",
            example: "10"
        ),
    ]

    private static let commandKeys = [
        FileKey(
            "arguments",
            .words(ArgumentStyle.allCases.map(\.rawValue)),
            .value(DefinitionReader.defaultArgumentStyle.rawValue),
            "how parameters reach a command without placeholders: `--name=value`, `--name value`, or not as arguments",
            example: "posix"
        ),
        FileKey(
            "inputs",
            .other("mapping from names to numbers, texts, truth values or mappings, see `inputs`"),
            .value("{}"),
            "values for `${{inputs.name}}` in the command",
            example: "{folds: 5}"
        ),
        FileKey(
            "working_directory",
            .other("path; relative to the file's directory; `~` is not expanded"),
            .value("."),
            "where trials run; it must exist on every worker. With a workspace: a relative path in it",
            example: "/srv/digits"
        ),
        FileKey(
            "env",
            .other("mapping from names to texts"),
            .value("{}"),
            "variables added to a trial's environment",
            example: "{OMP_NUM_THREADS: 1}"
        ),
    ]

    private static let peopleKeys = [
        FileKey(
            "name",
            .other("text of at most \(DefinitionReader.maximumNameLength) characters, not `last`"),
            .note("the file's name without extension"),
            "a name for people and commands; several experiments may share it",
            example: "digits"
        ),
        FileKey("description", .text, .note("none"), "what it is about", example: "support vectors or perceptrons?"),
        FileKey("owner", .text, .note("none"), "whom to ask about it", example: "ada@example.org"),
        FileKey(
            "tags",
            .other("mapping from names to texts"),
            .value("{}"),
            "names and values for people and their tools",
            example: "{team: vision}"
        ),
    ]

    /// The keys of `objective`.
    static let objective = KeyTable(
        "objective",
        [
            FileKey(
                "metric",
                .other("text, not `step`"),
                .mistake,
                "the name of the metric; names are case-sensitive",
                example: "accuracy"
            ),
            FileKey(
                "goal",
                .words(Objective.Goal.allCases.map(\.rawValue)),
                .mistake,
                "which way is better",
                example: "maximize"
            ),
            FileKey(
                "goal_value",
                .number,
                .note("none"),
                "the experiment ends as soon as a trial's value is at least as good as this",
                example: "0.99",
                isLive: true
            ),
            FileKey(
                "value",
                .words(Objective.ValueRule.allCases.map(\.rawValue)),
                .value(DefinitionReader.defaultValueRule.rawValue),
                "which of a trial's reports is its value",
                example: "best"
            ),
        ],
        frame: [("metric", "accuracy"), ("goal", "maximize")]
    )

    /// The keys of `limits`.
    static let limits = KeyTable(
        "limits",
        [
            FileKey(
                "max_trials",
                .wholeNumber(1...DefinitionReader.maximumCount),
                .note("none; this or `max_duration` is **required**"),
                "trials that are ever created; retries do not count",
                example: "50",
                isLive: true
            ),
            FileKey(
                "max_concurrent_trials",
                .wholeNumber(1...DefinitionReader.maximumCount),
                .note("none"),
                "trials that may be new or running at once",
                example: "4",
                isLive: true
            ),
            FileKey(
                "max_duration",
                .duration,
                .note("none; this or `max_trials` is **required**"),
                "time since the first claim, without pauses; then running trials are cancelled",
                example: "2h",
                isLive: true
            ),
            FileKey(
                "trial_timeout",
                .duration,
                .note("none"),
                "time that one attempt may run",
                example: "5m",
                isLive: true
            ),
            FileKey(
                "max_failed_trials",
                .wholeNumber(0...DefinitionReader.maximumCount),
                .note("none"),
                "with more trials in state `error`, the experiment fails",
                example: "10",
                isLive: true
            ),
        ],
        frame: [("max_trials", "50")]
    )

    /// The keys of `sampler`, when it is a mapping.
    static let sampler = KeyTable(
        "sampler",
        [
            FileKey(
                "type",
                .words(SamplerSpecification.Kind.allCases.map(\.rawValue)),
                .value(SamplerSpecification.defaultKind.rawValue),
                "the sampler, see below",
                example: "random"
            ),
            FileKey(
                "seed",
                .other("whole number from 0 to \(UInt64.max)"),
                .note("drawn"),
                "the same file with the same seed makes the same trials if results arrive in the same order",
                example: "7"
            ),
        ]
    )

    /// The keys of `retries`: causes of an attempt's end.
    static let retries = KeyTable(
        "retries",
        RetryLimits.retryableCauses.map { cause in
            FileKey(
                cause.rawValue,
                .wholeNumber(0...DefinitionReader.maximumCount),
                .value("\(RetryLimits().allowed(for: cause))"),
                cause.retryMeaning,
                example: "2"
            )
        }
    )

    /// The keys of an entry of `inputs` that is a mapping, as in an Azure job.
    static let input = KeyTable(
        "inputs.NAME",
        [
            FileKey("type", .other("anything"), .note("none"), "not read", example: "uri_file"),
            FileKey("path", .text, .mistake, "the value, as it is written", example: "data/digits.csv"),
            FileKey("mode", .other("anything"), .note("none"), "not read", example: "ro_mount"),
        ],
        frame: [("path", "data/digits.csv")]
    )
}

extension TrialCause {
    /// What an attempt did that may be repeated.
    fileprivate var retryMeaning: String {
        switch self {
        case .succeeded, .stoppedEarly, .cancelled, .drained: "is never repeated"
        case .lost: "the worker vanished: its lease ran out"
        case .failed: "exit status other than 0, a signal, or a command that could not be started"
        case .timedOut: "it ran longer than `limits.trial_timeout`"
        case .outOfMemory: "it was killed for want of memory"
        case .noMetric: "exit status 0 without a report of the objective"
        case .notANumber: "the objective was NaN or infinite"
        }
    }
}
