import Execution
import ExperimentModel
import OrderedCollections
import SearchSpace
import Synchronization

/// Runs attempts in this process: each attempt does what the test says.
final class ScriptedExecutor: TrialExecutor {
    typealias Script = @Sendable (AttemptRequest, AttemptControl, any AttemptSink) async -> AttemptResult

    private let script: Script
    private let started = Mutex<[TrialID]>([])

    init(_ script: @escaping Script) { self.script = script }

    /// Every attempt that began, in order.
    var begun: [TrialID] { started.withLock { $0 } }

    func run(_ request: AttemptRequest, control: AttemptControl, sink: any AttemptSink) async -> AttemptResult {
        started.withLock { $0.append(request.trial) }
        return await script(request, control, sink)
    }

    /// Succeeds at once with the value of `x`.
    static let succeeding = ScriptedExecutor { request, _, sink in
        guard case .double(let x) = request.assignment["x"] ?? .null else {
            return .finished(AttemptOutcome(cause: .noMetric))
        }
        sink.observations([
            Observation(trial: request.trial, attempt: request.attempt, sequence: 0, metric: "loss", step: 0, value: x)
        ])
        return .finished(AttemptOutcome(cause: .succeeded, value: x))
    }

    /// Runs until it is told to stop.
    static func stubborn() -> ScriptedExecutor {
        ScriptedExecutor { _, control, _ in
            let (requests, continuation) = AsyncStream.makeStream(of: StopRequest.self)
            control.onStop { continuation.yield($0) }
            for await request in requests {
                return .stopped(request.reason, AttemptOutcome(cause: request.reason.cause))
            }
            return .finished(AttemptOutcome(cause: .failed))
        }
    }
}
