import CommandLineSupport
import Execution
import ExperimentModel
import Foundation

/// What `--runtime` and `HYPER_RUNTIME` say, and what follows at the start.
enum RuntimeChoice {
    static let variable = "HYPER_RUNTIME"

    /// The flag, else the variable, else the first engine that can be used.
    static func read(_ flag: String?, _ environment: [String: String]) throws -> EngineSearch.Choice {
        for (place, word) in [("--runtime", flag), (variable, environment[variable])] {
            guard let word, !word.isEmpty else { continue }
            guard let choice = EngineSearch.Choice(word) else {
                throw ProgramFailure(
                    .usage,
                    "\(place) must be process, docker or podman, not '\(TextTable.printable(word))'."
                )
            }
            return choice
        }
        return .automatic
    }

    /// What the worker says of itself from its beginning; `nil`: that is found out when a trial needs it.
    /// - Throws: ``ProgramFailure`` when the engine that was asked for cannot be used.
    static func settle(_ choice: EngineSearch.Choice, _ executor: ProcessTrialExecutor) async throws -> TrialRuntime? {
        if case .first = choice {
            // What a worker that is dead has left is removed now, not when the next container is wanted.
            if executor.hasMadeContainers { _ = await executor.findRuntime() }
            return nil
        }
        switch await executor.findRuntime() {
        case .runs(let runtime): return runtime
        case .none(let reason): throw ProgramFailure(.unavailable, reason)
        }
    }
}
