import Execution
import ExperimentModel
import Foundation
import Logging
import OrderedCollections
import SearchSpace

/// Trials that cost nothing: what remains is store, server and worker.
struct InstantTrials: Sendable {
    let uri: String
    let slots: Int
    let meter: ServerMeter
    let logger: Logger

    func measure(trials: Int) async throws -> Sample {
        try await EngineRun(
            uri: uri,
            slots: slots,
            // Never run, but checked by the worker like any other.
            command: .arguments(["/bin/echo", "loss={x}"]),
            end: .done,
            executor: InstantExecutor(),
            directory: FileManager.default.temporaryDirectory.path,
            meter: meter,
            logger: logger
        ).measure(trials: trials)
    }
}

/// Reports one observation and succeeds at once, without a process.
private struct InstantExecutor: TrialExecutor {
    func run(_ request: AttemptRequest, control: AttemptControl, sink: any AttemptSink) async -> AttemptResult {
        guard case .double(let value)? = request.assignment["x"] else {
            return .finished(AttemptOutcome(cause: .noMetric, message: "x is missing"))
        }
        sink.observations([
            Observation(
                trial: request.trial,
                attempt: request.attempt,
                sequence: 0,
                metric: request.definition.objective.metric,
                step: 0,
                value: value
            )
        ])
        return .finished(AttemptOutcome(cause: .succeeded, value: value))
    }
}
