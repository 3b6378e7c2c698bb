public import Coordination
public import ExperimentModel
import OrderedCollections
import SearchSpace

/// The suite that every `TrialStore` passes. Each check gets an empty store and uses its real clock: an expired lease is made
/// by claiming with a lease of zero.
public struct TrialStoreConformance: Sendable, CustomStringConvertible {
    /// What the check shows, as a sentence.
    public let description: String
    /// Throws ``ConformanceFailure`` or what the store throws.
    public let run: @Sendable (any TrialStore) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (any TrialStore) async throws -> Void) {
        self.description = description
        self.run = run
    }

    /// Every check.
    public static let all: [TrialStoreConformance] =
        experimentChecks + leadChecks + claimChecks + endChecks + recordChecks + watchChecks
        + limitChecks + givenChecks + retryChecks + steeringWatchChecks + curveChecks + upkeepChecks
        + inspectionChecks + orderChecks + leaveChecks + repeatChecks + outageChecks + earlyStopChecks + fileChecks

    // MARK: Material

    /// A lease that outlives every check.
    public static let lease: Duration = .seconds(60)
    static let expired: Duration = .zero
    static let host = "node"

    /// A definition with one parameter.
    public static func definition(
        name: String = "conformance",
        goal: Objective.Goal = .minimize,
        limits: Limits = Limits(maxTrials: 100)
    ) throws -> ExperimentDefinition {
        let parameter = Parameter(label: "x", domain: .uniform(low: -5, high: 5))
        return ExperimentDefinition(
            name: name,
            command: .arguments(["true"]),
            searchSpace: try SearchSpace(root: ["x": .parameter(parameter)]),
            objective: Objective(metric: "loss", goal: goal),
            sampler: SamplerSpecification(kind: .random, seed: .max),
            limits: limits,
            workingDirectory: "/tmp"
        )
    }

    static func worker(_ name: String) -> WorkerID { WorkerID("\(host):1:\(name)") }

    /// An experiment that is led and running, with `count` new trials.
    public static func running(
        _ store: any TrialStore,
        trials count: Int,
        id: String = "es0000001",
        goal: Objective.Goal = .minimize,
        limits: Limits = Limits(maxTrials: 100)
    ) async throws -> Lead {
        let id = ExperimentID(id)
        _ = try await store.createExperiment(try definition(goal: goal, limits: limits), id: id)
        var lead = try unwrap(try await store.takeLead(of: id, as: "leader-1", lease: lease))
        lead.experiment = try await store.change(.begin, lead: lead)
        if count > 0 {
            lead.experiment = try await store.reserveTrials(count, lead: lead)
            try await store.insertTrials(try (1...count).map { try trial($0, of: id) })
        }
        return lead
    }

    /// A new trial.
    public static func trial(_ number: Int, of id: ExperimentID, x: Double? = nil) throws -> Trial {
        let value = x ?? Double(number) / 1000
        return Trial(
            id: TrialID(experiment: id, number: number),
            suggestion: Suggestion(values: ["x": .double(value)]),
            assignment: ["x": .double(value)],
            createdAt: Timestamp(milliseconds: 1_700_000_000_000)
        )
    }

    /// Claims a trial, which must be there.
    public static func claim(
        _ store: any TrialStore,
        _ id: ExperimentID,
        by name: String = "a",
        lease: Duration = lease
    ) async throws -> Trial {
        try unwrap(
            try await store.claimTrial(of: id, by: worker(name), host: host, lease: lease),
            "nothing to claim"
        )
    }

    static func read(_ store: any TrialStore, _ id: TrialID) async throws -> Trial {
        try unwrap(try await store.trials(of: id.experiment, .number(id.number)).first, "trial \(id) is gone")
    }

    /// A result with an objective.
    public static let success = AttemptOutcome(cause: .succeeded, value: 0.25, exitStatus: 0, arguments: ["true"])
    /// A result without one.
    public static let failure = AttemptOutcome(
        cause: .failed,
        exitStatus: 3,
        message: "exit status 3",
        errorTail: "$boom\u{0}é"
    )

    /// What the call throws, which must be a store's error.
    static func storeError(_ body: () async throws -> Void) async throws -> TrialStoreError? {
        do {
            try await body()
            return nil
        } catch let error as TrialStoreError {
            return error
        }
    }
}
