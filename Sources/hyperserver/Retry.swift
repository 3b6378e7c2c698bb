import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

/// `hyperserver retry ID TRIAL…`
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Gives failed or cancelled trials another attempt, also after the experiment's end.",
        usage: """
            hyperserver retry <id> <trial> ... [<options>]
            hyperserver retry <id> --dead [--cause <causes>] [<options>]
            """,
        discussion: """
            EXAMPLES
              hyperserver retry last 3
              hyperserver retry digits 3 5 8
              hyperserver retry last --cause lost,out_of_memory

            The trial keeps its number, its values and the record of its attempts; its retries count anew. `hyperserver \
            trials ID --dead` shows which trials failed and why, `hyperserver logs ID TRIAL` what they printed.
            """
    )

    @OptionGroup
    var target: ExperimentTarget

    @Argument(help: ArgumentHelp("Numbers of the trials.", valueName: "trial"))
    var trials: [Int] = []

    @Flag(help: "Every trial in state error.")
    var dead = false

    @Option(
        help: ArgumentHelp(
            "Every trial in state error that ended for one of these causes, such as lost or failed,timed_out.",
            valueName: "causes"
        )
    )
    var cause: String?

    func validate() throws {
        let isAll = dead || cause != nil
        if trials.isEmpty, !isAll {
            throw ValidationError("Give the number of at least one trial, or --dead for all that failed.")
        }
        if !trials.isEmpty, isAll { throw ValidationError("Give numbers of trials or --dead and --cause, not both.") }
        _ = try causes()
    }

    /// What `--cause` asks for; `nil` means any.
    private func causes() throws -> Set<TrialCause>? {
        guard let cause else { return nil }
        let known = RetryLimits.retryableCauses
        return try Set(
            cause.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let found = known.first(where: { $0.rawValue == word }) else {
                    let names = known.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--cause knows no cause \"\(word)\"; trials fail for \(names).")
                }
                return found
            }
        )
    }

    /// The trials that are meant.
    private func numbers(of experiment: Experiment, _ store: any TrialStore) async throws -> [Int] {
        guard trials.isEmpty else { return trials }
        let causes = try causes()
        return try await store.trials(of: experiment.id, TrialQuery(states: [.failed])).compactMap { trial in
            causes.map { wanted in trial.cause.map(wanted.contains) ?? false } ?? true ? trial.id.number : nil
        }
    }

    func run() async throws {
        try await target.common.withClientStore { store in
            let found = try await store.resolve(target.id)
            var views: [ParameterValue] = []
            var refusals: [String] = []
            let numbers = try await numbers(of: found, store)
            if numbers.isEmpty, !target.json {
                let which = cause.map { " for \($0)" } ?? ""
                Console.print("Experiment \(found.id) has no trial that failed\(which): nothing is to be repeated.")
            }
            for number in numbers {
                let id = TrialID(experiment: found.id, number: number)
                guard let trial = try await Steering.retry(id, store) else {
                    refusals.append(
                        "Experiment \(found.id) has no trial \(number). `hyperserver trials \(found.id)` lists them."
                    )
                    continue
                }
                guard !trial.state.isTerminal else {
                    refusals.append(
                        "Trial \(number) is \(trial.state.name): only trials in state error or cancelled can be repeated. "
                            + "`hyperserver enqueue \(found.id) NAME=VALUE…` tries the same values in a new trial."
                    )
                    continue
                }
                views.append(TrialView.json(trial))
                if !target.json { Console.print("Trial \(number) is \(trial.state.name) again.") }
            }
            if target.json { Console.print(ParameterValue.mapping(["trials": .list(views)]).json) }
            if !target.json, !views.isEmpty, let experiment = try await store.experiment(found.id) {
                try await Steering.printLeaderHint(experiment, store)
            }
            if !refusals.isEmpty { throw ProgramFailure(.failed, refusals.joined(separator: "\n")) }
        }
    }
}
