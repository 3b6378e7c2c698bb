import APIContract
import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Inspection
import SearchSpace

/// `hyperserver drain WORKER…`
struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Asks workers to leave: they finish what they run and claim no more.",
        usage: "hyperserver drain <worker> ... [<options>]",
        discussion: """
            EXAMPLES
              hyperserver drain node7
              hyperserver drain node7:4711 --json

            A worker is named by its id, by the beginning of it, or by its host, which means all workers there. It lets \
            its trials run on for its --drain-timeout (60 s unless it was started with another), gives the rest back \
            without charge, and ends with exit status 0. The command does not wait for that: `hyperserver workers` shows \
            who is still there. A worker cannot be called back; start a new one.
            """
    )

    @Argument(
        help: ArgumentHelp("Ids of workers, beginnings of ids, or hosts.", valueName: "worker"),
        completion: WorkerCompletion.workers
    )
    var words: [String]

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions

    func validate() throws {
        if words.isEmpty { throw ValidationError("Give the id or host of at least one worker.") }
    }

    func run() async throws {
        try await common.withClientStore { store in
            // All of them are looked up before any is asked.
            let meant = try Self.meant(by: words, among: try await Self.overviews(store))
            for worker in meant { _ = try await store.askToLeave(worker) }
            let known = try await Self.overviews(store).filter { meant.contains($0.worker.id) }
            if json {
                Console.print(WorkerView.list(known).json)
                return
            }
            for overview in known { Console.print(TextTable.printable(Self.line(overview))) }
            let gone = meant.count - known.count
            if gone > 0 { Console.print("\(Phrase.count(gone, "worker")) left meanwhile.") }
        }
    }

    private static func overviews(_ store: any TrialStore) async throws -> [WorkerOverview] {
        WorkerOverview.make(
            try await store.knownWorkers(),
            running: try await store.runningTrials(),
            now: try await store.now(),
            lease: try CommonOptions.settings().trialLease
        )
    }

    private static func meant(by words: [String], among workers: [WorkerOverview]) throws -> [WorkerID] {
        var ids: [WorkerID] = []
        for word in words {
            do {
                let found = try WorkerSelection.workers(meant: word, among: workers).map(\.worker.id)
                ids += found.filter { !ids.contains($0) }
            } catch {
                throw ProgramFailure(.failed, TextTable.printable(error.description))
            }
        }
        return ids
    }

    private static func line(_ overview: WorkerOverview) -> String {
        let id = overview.worker.id
        if overview.state == .silent {
            return "Worker \(id) was last seen \(Text.age(overview.silence)) ago; it leaves if it comes back."
        }
        guard !overview.running.isEmpty else { return "Worker \(id) leaves; it runs nothing." }
        let trials = overview.running.map { "\($0.id)" }.joined(separator: " ")
        return "Worker \(id) leaves when it has finished \(Phrase.count(overview.running.count, "trial")): \(trials)."
    }
}
