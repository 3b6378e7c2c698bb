import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Inspection
import SearchSpace

/// `hyperserver trials ID`
struct Trials: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the trials of an experiment, or shows one of them whole.",
        discussion: """
            hyperserver trials last --best 5
            hyperserver trials last --state running,error
            hyperserver trials last 7

            On a terminal, lines are cut to its width; elsewhere they are whole.
            """
    )

    @OptionGroup
    var target: ExperimentTarget

    @Argument(
        help: ArgumentHelp("Show this trial with its attempts, reports and last lines of error.", valueName: "trial")
    )
    var operand: Int?

    @Option(name: .customLong("trial"), help: ArgumentHelp("The same as the operand.", valueName: "number"))
    var option: Int?

    private var trial: Int? { operand ?? option }

    @Flag(
        help: """
            Only dead letters: trials in state error, each with its attempts and what it wrote last to stderr, and the \
            line that tries them again.
            """
    )
    var dead = false

    @Option(
        help: ArgumentHelp("Only trials in these states: new, running, done, error, cancelled.", valueName: "states")
    )
    var state: String?

    @Option(help: "Order: trial (the number) or value (best first).")
    var sort: Order?

    enum Order: String, ExpressibleByArgument, CaseIterable {
        case trial, value
    }

    @Option(help: ArgumentHelp("Only so many with the best objective, best first.", valueName: "count"))
    var best: Int?

    func validate() throws {
        if operand != nil, option != nil { throw ValidationError("Name the trial once: without --trial.") }
        if trial != nil, dead || state != nil || sort != nil || best != nil {
            throw ValidationError("One trial is shown whole: it goes with none of --dead, --state, --sort and --best.")
        }
        if dead, state != nil || best != nil { throw ValidationError("--dead goes with neither --state nor --best.") }
        if let best, best < 1 { throw ValidationError("--best takes a number from 1.") }
        if sort == .trial, best != nil { throw ValidationError("--best orders by value.") }
        _ = try states()
    }

    /// What `--state` and `--dead` ask for.
    private func states() throws -> Set<TrialState>? {
        if dead { return [.failed] }
        guard let state else { return nil }
        return try Set(
            state.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let found = TrialState.allCases.first(where: { $0.name == word }) else {
                    let names = TrialState.allCases.map(\.name).joined(separator: ", ")
                    throw ValidationError("--state knows no state \"\(word)\"; there are \(names).")
                }
                return found
            }
        )
    }

    func run() async throws {
        let listing = TrialListing(states: try states(), order: sort == .value ? .value : .trial, best: best)
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            if let trial {
                try await show(TrialID(experiment: experiment.id, number: trial), experiment, store)
                return
            }
            let query = listing.states.map { TrialQuery(states: $0) } ?? .all
            let found = try await store.trials(of: experiment.id, query)
            let trials = listing.select(found, experiment.definition.objective)
            if target.json {
                Console.print((dead ? TrialView.deadLetters(trials) : TrialView.list(trials)).json)
                return
            }
            if dead {
                for line in TrialText.deadLetters(trials, of: experiment) { Console.print(line) }
                return
            }
            let now = try await store.now()
            let table = TrialText.list(trials, retries: experiment.definition.retries, now: now)
            for line in StandardOutput.fitted(table, CommonOptions.environment) { Console.print(line) }
        }
    }

    private func show(_ id: TrialID, _ experiment: Experiment, _ store: any TrialStore) async throws {
        guard let trial = try await store.trials(of: id.experiment, .number(id.number)).first else {
            throw ProgramFailure(.failed, "Experiment \(id.experiment) has no trial \(id.number).")
        }
        let observations = try await store.observations(of: id)
        if target.json {
            Console.print(TrialView.detail(trial, observations: observations).json)
        } else {
            let lines = TrialText.detail(trial, observations, now: try await store.now(), experiment)
            for line in lines { Console.print(line) }
        }
    }
}
