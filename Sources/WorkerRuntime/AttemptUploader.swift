import Execution
import ExperimentModel
import Synchronization

/// Takes what one attempt reports and prints, and holds it until ``UploadQueue`` has carried it to the store.
///
/// Nothing of it makes the trial wait: what the store has not taken yet waits here, reports up to a named limit in memory and
/// output in a ``LogSpool``.
final class AttemptUploader: AttemptSink {
    /// Observations that may wait; further ones are dropped and counted.
    static let observationCapacity = 200_000

    private struct State {
        var observations: [Observation] = []
        /// Those before it have been taken.
        var firstObservation = 0
        var dropped = 0
        /// Observations that were taken and are not stored yet.
        var observationsUnderWay: [Observation] = []
        /// Pieces of output that were taken and are not stored yet.
        var outputUnderWay: [LogChunk] = []
        /// Whether a piece of output is just being looked for.
        var isTakingOutput = false
        var hasOutput = false
        var isClosed = false
        var isAbandoned = false
        var waiter: CheckedContinuation<Void, Never>?

        var waitingObservations: Int { observations.count - firstObservation }
        var isUnderWay: Bool { !observationsUnderWay.isEmpty || !outputUnderWay.isEmpty || isTakingOutput }
        var isStored: Bool { isClosed && !isUnderWay && waitingObservations == 0 && !hasOutput }
        var isDone: Bool { isStored || isAbandoned }
    }

    private let state = Mutex(State())
    private let spool: LogSpool
    private let reports: Signal
    private let output: Signal

    /// - Parameters:
    ///   - reports: sent when there are observations.
    ///   - output: sent when there is output.
    init(spoolDirectory: String, reports: Signal, output: Signal) {
        spool = LogSpool(directory: spoolDirectory)
        self.reports = reports
        self.output = output
    }

    func observations(_ observations: [Observation]) {
        state.withLock { state in
            let room = max(0, Self.observationCapacity - state.waitingObservations)
            state.observations += observations.prefix(room)
            state.dropped += observations.count - min(room, observations.count)
        }
        reports.send()
    }

    func log(_ chunk: LogChunk) {
        spool.append(chunk)
        state.withLock { $0.hasOutput = true }
        output.send()
    }

    /// Says that nothing more comes.
    func close() {
        change { $0.isClosed = true }
    }

    /// Lets go whoever waits, now or later: what is not stored by then may be lost.
    func abandon() {
        change { $0.isAbandoned = true }
    }

    /// Returns when everything is stored after ``close()``, after ``abandon()``, or when the task is cancelled.
    func stored() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isDone || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }

    /// Whether everything is stored after ``close()``.
    var isStored: Bool { state.withLock { $0.isStored } }

    /// What was not kept: observations, and pieces of output.
    var losses: (observations: Int, output: Int) { (state.withLock { $0.dropped }, spool.lostChunks) }

    /// What is not stored yet, without taking it: all observations, and of the output the last bytes.
    func unstored(outputBytes: Int) -> (observations: [Observation], output: [LogChunk]) {
        let waiting = spool.last(atMostBytes: outputBytes)
        return state.withLock { state in
            let observations = state.observationsUnderWay + state.observations.dropFirst(state.firstObservation)
            return (observations, state.outputUnderWay + waiting)
        }
    }

    // MARK: For the queue

    /// Takes observations to be stored; ``observationsFinished()`` says when they are.
    func takeObservations(atMost count: Int) -> [Observation] {
        state.withLock { state in
            let taken = Array(state.observations.dropFirst(state.firstObservation).prefix(count))
            state.observationsUnderWay += taken
            state.firstObservation += taken.count
            // In halves: taking from a long queue must not move all of the rest each time.
            if state.firstObservation * 2 >= state.observations.count {
                state.observations.removeFirst(state.firstObservation)
                state.firstObservation = 0
            }
            return taken
        }
    }

    /// Takes a piece of output to be stored, if there is one; ``outputFinished()`` says when it is.
    func takeOutput() -> LogChunk? {
        // Output that comes in between is announced again after it was put in.
        state.withLock { state in
            state.hasOutput = false
            state.isTakingOutput = true
        }
        let chunk = spool.takeNext()
        change { state in
            state.isTakingOutput = false
            guard let chunk else { return }
            state.hasOutput = true
            state.outputUnderWay.append(chunk)
        }
        return chunk
    }

    /// The observations that were taken are stored, or given up.
    func observationsFinished() {
        change { $0.observationsUnderWay = [] }
    }

    /// The pieces of output that were taken are stored, or given up.
    func outputFinished() {
        change { $0.outputUnderWay = [] }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            body(&state)
            return state.isDone ? state.waiter.take() : nil
        }
        waiter?.resume()
    }
}
