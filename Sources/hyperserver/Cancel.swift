import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Logging
import SearchSpace

/// `hyperserver cancel ID`
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ends an experiment: new trials are dropped, running ones are stopped.",
        usage: "hyperserver cancel <id> [<options>]",
        discussion: """
            EXAMPLES
              hyperserver cancel last
              hyperserver cancel digits --json

            Finished trials are kept. The command waits up to 20 seconds for the end, and leads the experiment itself if \
            no server does. `hyperserver set ID max_trials=+10` reopens the experiment; `hyperserver pause ID` only \
            interrupts it.
            """
    )

    /// How long the command waits for the end that it asked for.
    static let patience: Duration = .seconds(20)

    @OptionGroup
    var target: ExperimentTarget

    func run() async throws {
        try await target.common.withClientStore { store in
            let found = try await store.resolve(target.id)
            let ending = ExperimentEnding(state: .cancelled, reason: .user)
            let requested = try await store.requestEnd(of: found.id, ending) ?? found
            let wasOver = requested.state.isTerminal
            let settled = wasOver ? requested : try await Self.settle(requested, store)
            if target.json {
                Console.print(ExperimentView.state(settled).json)
            } else if wasOver {
                Console.print("Experiment \(found.id) has ended already: it is \(settled.state.rawValue).")
            } else if settled.state.isTerminal {
                Console.print("Experiment \(settled.id) is \(settled.state.rawValue).")
            } else {
                let counts = try await store.trialCounts(of: settled.id)
                Console.print("Experiment \(settled.id) is being cancelled; \(Text.counts(counts)).")
            }
        }
    }

    /// Waits for the end; leads the experiment when nobody else does.
    static func settle(_ experiment: Experiment, _ store: any TrialStore) async throws -> Experiment {
        let service = LeaderService(
            store: store,
            scope: .only(experiment.id),
            leader: ServerIdentity.make(),
            settings: try CommonOptions.settings(),
            clock: ContinuousClock(),
            logger: Logger(label: "hyperserver")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask { try await Task.sleep(for: patience) }
            try await group.next()
            group.cancelAll()
        }
        return try await store.experiment(experiment.id) ?? experiment
    }
}
