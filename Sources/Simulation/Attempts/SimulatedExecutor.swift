import Execution
import ExperimentModel

/// Runs attempts on a node in virtual time, and keeps the journal.
final class SimulatedExecutor: TrialExecutor, Sendable {
    /// How long what a killed worker leaves behind may still run.
    private static let afterlife: ClosedRange<Duration> = .zero...(.seconds(5))

    let node: SimulatedNode
    let worker: WorkerID
    let manners: TrialManners
    let journal: Journal
    let draws: Draws
    /// For what only trials do that policies look at.
    let curveDraws: Draws
    let counts: FaultCounts
    let trace: Trace
    private let processes = Confined<[Int: SimulatedProcess]>([:])

    init(
        node: SimulatedNode,
        worker: WorkerID,
        manners: TrialManners,
        journal: Journal,
        draws: Draws,
        curveDraws: Draws,
        counts: FaultCounts,
        trace: Trace
    ) {
        self.node = node
        self.worker = worker
        self.manners = manners
        self.journal = journal
        self.draws = draws
        self.curveDraws = curveDraws
        self.counts = counts
        self.trace = trace
    }

    func run(_ request: AttemptRequest, control: AttemptControl, sink: any AttemptSink) async -> AttemptResult {
        if draws.chance(manners.refusedShare) {
            counts.add(.attemptRefused)
            return .refused(AttemptOutcome(cause: .drained, message: "this machine cannot start it"))
        }
        if let stop = control.stopRequest {
            return .stopped(stop.reason, AttemptOutcome(cause: stop.reason.cause))
        }
        let place = journal.begin(request.trial, attempt: request.attempt, by: worker)
        let process = SimulatedProcess(request, place: place, of: self, sink: sink)
        processes.value[place] = process
        trace.note(node.name, "runs \(request.trial) attempt \(request.attempt)")
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                process.guardEnd(of: control)
                process.start(continuation, number: node.whenReaped { process.abandon() })
                control.onStop { process.stop($0) }
                control.onTimeoutChange { process.setTimeout($0.timeout) }
            }
        } onCancel: {
            control.stop(.cancelled, immediately: true)
        }
    }

    func ended(_ place: Int) { processes.value[place] = nil }

    /// The worker was killed: what it ran ends soon, and nobody hears of it.
    func orphanAll() {
        for (_, process) in processes.value.sorted(by: { $0.key < $1.key }) {
            counts.add(.trialKilled)
            process.orphan(after: draws.duration(in: Self.afterlife))
        }
    }
}
