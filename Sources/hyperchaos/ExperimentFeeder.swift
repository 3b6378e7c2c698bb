import Chaos
import Coordination
import ExperimentFile
import ExperimentModel
import Synchronization

/// Creates experiments as long as things are broken, so that there is always work.
final class ExperimentFeeder: Sendable {
    struct Progress {
        var created: [(id: ExperimentID, kind: ExperimentPlan.Kind)] = []
        /// Trials of all that were created.
        var trials: Int { created.reduce(0) { $0 + $1.kind.trials } }
        var isOver = false
    }

    private let store: any TrialStore
    private let plan: ExperimentPlan
    private let directory: String
    private let progress = Mutex(Progress())

    /// Experiments that are open at once: of short trials, which go on while things break, and of long ones, which are
    /// mostly lost until it is quieter.
    static let openExperiments = (short: 3, long: 2)
    /// How often is looked whether one has ended.
    static let interval: Duration = .milliseconds(500)

    init(store: any TrialStore, plan: ExperimentPlan, directory: String) {
        self.store = store
        self.plan = plan
        self.directory = directory
    }

    var created: [(id: ExperimentID, kind: ExperimentPlan.Kind)] { progress.withLock { $0.created } }
    var isOver: Bool { progress.withLock { $0.isOver } }

    /// Creates experiments for so long, and until there are so many trials.
    func run(for duration: Duration, leastTrials: Int) async throws {
        let clock = ContinuousClock()
        let end = clock.now + duration
        defer { progress.withLock { $0.isOver = true } }
        while clock.now < end || progress.withLock({ $0.trials }) < leastTrials {
            let open = try await unfinished()
            for isShort in [true, false] {
                let ours = created.filter { $0.kind.isShort == isShort }
                let kinds = ExperimentPlan.kinds(short: isShort)
                let wanted = isShort ? Self.openExperiments.short : Self.openExperiments.long
                for turn in 0..<max(0, wanted - ours.count { open.contains($0.id) }) {
                    try await create(kinds[(ours.count + turn) % kinds.count])
                }
            }
            try await clock.sleep(for: Self.interval)
        }
    }

    /// Experiments of ours that have not ended.
    func unfinished() async throws -> Set<ExperimentID> {
        try await Patient.call { [store] in
            Set(try await store.experiments(ExperimentQuery(isUnfinishedOnly: true)).map(\.id))
        }
    }

    private func create(_ kind: ExperimentPlan.Kind) async throws {
        let item = plan.item(created.count, kind)
        let definition = try ExperimentFile.read(
            text: item.text,
            fileName: "chaos.yaml",
            directory: directory,
            defaultSeed: 1
        ).definition
        var generator = SystemRandomNumberGenerator()
        let id = ExperimentID.random(using: &generator)
        // Before it is stored: whatever becomes of the reply, it is ours.
        progress.withLock { $0.created.append((id, item.kind)) }
        _ = try await Patient.call { [store] in try await store.createExperiment(definition, id: id) }
    }
}

/// Calls to a store that is being broken.
enum Patient {
    /// How long a call is repeated.
    static let timeout: Duration = .seconds(120)
    /// How long to wait between two tries.
    static let interval: Duration = .milliseconds(200)

    /// Makes a call until the store answers.
    static func call<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        while true {
            do {
                return try await body()
            } catch let error as TrialStoreError where error.isRetryable && clock.now < end {
                try await clock.sleep(for: interval)
            }
        }
    }
}
