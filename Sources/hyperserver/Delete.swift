import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import OrderedCollections
import Retention
import SearchSpace

/// `hyperserver delete ID…`
struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deletes experiments with their trials, reported values and output.",
        usage: "hyperserver delete <id> ... [<options>]",
        discussion: """
            What is not over is cancelled first. Files that trials left on the hosts of workers stay there: see \
            `hyperserver gc`.
            """
    )

    @Argument(help: "Ids or names of experiments, or `last`.", completion: ExperimentCompletion.ids)
    var ids: [String]

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func validate() throws {
        if ids.isEmpty { throw ValidationError("Give the id or name of at least one experiment.") }
    }

    func run() async throws {
        if !yes, !Confirmation.isPossible { throw Confirmation.impossible("Deleting") }
        try await common.withClientStore { store in
            // All of them are looked up before any is gone.
            var found: OrderedDictionary<ExperimentID, Experiment> = [:]
            for id in ids {
                let experiment = try await store.resolve(id)
                found[experiment.id] = experiment
            }
            var views: [ParameterValue] = []
            var declined = 0
            for experiment in found.values {
                let records = try await store.records(of: experiment.id)
                if !yes, !Confirmation.ask(Self.question(experiment, records)) {
                    declined += 1
                    continue
                }
                try await Self.delete(experiment, store)
                views.append(Self.view(experiment, records))
                if !json { Console.print("Deleted experiment \(experiment.id): \(Self.text(records)).") }
            }
            if json { Console.print(ParameterValue.mapping(["deleted": .list(views)]).json) }
            if declined > 0 { throw ProgramFailure(.interrupted, views.isEmpty ? "Nothing was deleted." : "") }
        }
    }

    private static func question(_ experiment: Experiment, _ records: StoredRecords) -> String {
        let name = TextTable.printable(experiment.definition.name)
        let state = experiment.state.isTerminal ? "" : ", which is \(experiment.state.rawValue)"
        let verb = experiment.state.isTerminal ? "Delete" : "Cancel and delete"
        return "\(verb) experiment \(experiment.id) (\(name))\(state): \(text(records))?"
    }

    private static func text(_ records: StoredRecords) -> String {
        "\(records.trials) \(records.trials == 1 ? "trial" : "trials"), \(ByteCount.text(records.totalLogBytes)) of output"
            + (records.artifactBytes > 0 ? ", \(ByteCount.text(records.artifactBytes)) of artifacts" : "")
    }

    private static func view(_ experiment: Experiment, _ records: StoredRecords) -> ParameterValue {
        [
            "experiment": .string(experiment.id.rawValue), "name": .string(experiment.definition.name),
            "trials": .integer(Int64(records.trials)), "log_bytes": .integer(records.totalLogBytes),
            "artifact_bytes": .integer(records.artifactBytes),
        ]
    }

    /// Ends an experiment if it has not, makes it vanish, and removes what is stored of it.
    private static func delete(_ experiment: Experiment, _ store: any TrialStore) async throws {
        var known = experiment
        if !known.state.isTerminal {
            let ending = ExperimentEnding(state: .cancelled, reason: .user)
            guard let requested = try await store.requestEnd(of: known.id, ending) else {
                throw TrialStoreError.noSuchExperiment(known.id)
            }
            known = requested.state.isTerminal ? requested : try await Cancel.settle(requested, store)
            guard known.state.isTerminal else {
                throw ProgramFailure(
                    .failed,
                    "Experiment \(known.id) is being cancelled, but its last trials have not stopped within "
                        + "\(Cancel.patience). Nothing of it is deleted; repeat the command when it has ended."
                )
            }
        }
        if try await !store.markDeleted(known) {
            guard try await store.experiment(known.id) != nil else { return }
            throw ProgramFailure(
                .failed,
                "Somebody changed experiment \(known.id) meanwhile. Nothing of it is deleted; look at "
                    + "`hyperserver status \(known.id)` and repeat the command."
            )
        }
        try await store.purge(known.id)
    }
}
