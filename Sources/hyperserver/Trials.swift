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
            hyperserver trials last --state stopped_early --curves
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
        help: ArgumentHelp(
            "Only trials in these states: new, running, done, error, cancelled; or that ended as stopped_early.",
            valueName: "states"
        )
    )
    var state: String?

    @Option(
        help: "Order: trial (the number), value (best first) or cause (of the end; stopped ones by how far they got)."
    )
    var sort: Order?

    enum Order: String, ExpressibleByArgument, CaseIterable {
        case trial, value, cause
    }

    @Option(help: ArgumentHelp("Only so many with the best objective, best first.", valueName: "count"))
    var best: Int?

    @Flag(help: "With the learning curve of each trial's newest attempt.")
    var curves = false

    func validate() throws {
        if operand != nil, option != nil { throw ValidationError("Name the trial once: without --trial.") }
        if trial != nil, dead || state != nil || sort != nil || best != nil {
            throw ValidationError("One trial is shown whole: it goes with none of --dead, --state, --sort and --best.")
        }
        if dead, state != nil || best != nil { throw ValidationError("--dead goes with neither --state nor --best.") }
        if let best, best < 1 { throw ValidationError("--best takes a number from 1.") }
        if let sort, sort != .value, best != nil { throw ValidationError("--best orders by value.") }
        if curves, trial != nil || dead {
            let reason = trial == nil ? "--dead goes without --curves" : "One trial is shown with its curves anyway"
            throw ValidationError("\(reason): leave out --curves.")
        }
        _ = try words()
    }

    /// What `--state` and `--dead` ask for.
    private func words() throws -> (states: Set<TrialState>?, causes: Set<TrialCause>?) {
        if dead { return ([.failed], nil) }
        guard let state else { return (nil, nil) }
        var states: Set<TrialState> = []
        var causes: Set<TrialCause>?
        for word in state.split(separator: ",", omittingEmptySubsequences: false) {
            if word == TrialCause.stoppedEarly.rawValue {
                causes = [.stoppedEarly]
            } else if let found = TrialState.allCases.first(where: { $0.name == word }) {
                states.insert(found)
            } else {
                let names = TrialState.allCases.map(\.name) + [TrialCause.stoppedEarly.rawValue]
                throw ValidationError("--state knows no state \"\(word)\"; there are \(names.joined(separator: ", ")).")
            }
        }
        return (states, causes)
    }

    private var order: TrialListing.Order {
        switch sort {
        case .trial, nil: .trial
        case .value: .value
        case .cause: .cause
        }
    }

    func run() async throws {
        let words = try words()
        let listing = TrialListing(states: words.states, causes: words.causes, order: order, best: best)
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            if let trial {
                try await show(TrialID(experiment: experiment.id, number: trial), experiment, store)
                return
            }
            let query = listing.storeStates.map { TrialQuery(states: $0) } ?? .all
            let found = try await store.trials(of: experiment.id, query)
            let trials = listing.select(found, experiment.definition.objective)
            let curves = curves ? try await self.curves(of: trials, experiment, store) : nil
            if target.json {
                let list = curves.map { TrialView.list(Array(zip(trials, $0))) } ?? TrialView.list(trials)
                Console.print((dead ? TrialView.deadLetters(trials) : list).json)
                return
            }
            if dead {
                for line in TrialText.deadLetters(trials, of: experiment) { Console.print(line) }
                return
            }
            let now = try await store.now()
            let retries = experiment.definition.retries
            let table = TrialText.list(trials, retries: retries, now: now, curves: curves)
            for line in StandardOutput.fitted(table, CommonOptions.environment) { Console.print(line) }
        }
    }

    private func curves(
        of trials: [Trial],
        _ experiment: Experiment,
        _ store: any TrialStore
    ) async throws -> [CurveSketch?] {
        var curves: [CurveSketch?] = []
        for trial in trials {
            curves.append(try await CurveReader.curve(of: trial, experiment.definition.objective, in: store))
        }
        return curves
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
