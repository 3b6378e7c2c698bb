import Coordination
import ExperimentModel
import MemoryTrialStore

/// The way of one program to the store, with all that happens to requests, replies and events on it.
struct StoreLink: Sendable {
    /// Time after which a call is refused when nothing answers at all.
    private static let refusal: ClosedRange<Duration> = .milliseconds(1)...(.seconds(2))
    /// How long after its caller gave up a late request may take effect.
    private static let lateness: ClosedRange<Duration> = .milliseconds(10)...(.seconds(20))
    /// Probability that a call that is still queued is dropped when its task is cancelled.
    private static let droppedWhenCancelled = 0.3

    let node: SimulatedNode
    let store: SimulatedStore
    let network: Network
    let trace: Trace

    var loop: SimulationLoop { node.loop }
    private var draws: Draws { network.draws }
    private var weather: Weather { network.weather }

    /// Sends a call, and waits for its answer or for the end of the caller's patience.
    func call<Answer: Sendable>(
        _ call: StoreCall,
        _ body: @escaping @Sendable (SimulatedStore) async throws -> Answer
    ) async throws -> Answer {
        let pending = PendingCall<Answer>(node: node)
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                pending.begin(continuation)
                if !pending.isOver { send(call, pending, body) }
            }
        } onCancel: {
            if node.isReaped || draws.chance(Self.droppedWhenCancelled) {
                pending.resolve(.failure(TrialStoreError.unavailable("cancelled")))
            }
        }
    }

    private func send<Answer: Sendable>(
        _ call: StoreCall,
        _ pending: PendingCall<Answer>,
        _ body: @escaping @Sendable (SimulatedStore) async throws -> Answer
    ) {
        if node.isReaped { return fail(pending, call, after: .zero, "gone") }
        if node.isCutOff || store.isAway {
            return fail(pending, call, after: draws.duration(in: Self.refusal), "no answer")
        }
        if draws.chance(weather.requestLoss) {
            network.counts.add(.requestLost)
            return fail(pending, call, after: draws.duration(in: weather.patience), "request lost")
        }
        var travel = network.travel()
        if draws.chance(weather.requestDelay) {
            network.counts.add(.requestLate)
            let patience = draws.duration(in: weather.patience)
            fail(pending, call, after: patience, "no answer so far")
            travel = patience + draws.duration(in: Self.lateness)
        }
        loop.after(travel) { arrive(call, pending, body) }
    }

    private func arrive<Answer: Sendable>(
        _ call: StoreCall,
        _ pending: PendingCall<Answer>,
        _ body: @escaping @Sendable (SimulatedStore) async throws -> Answer
    ) {
        if node.isReaped { return }
        if node.isCutOff || store.isAway {
            return fail(pending, call, after: draws.duration(in: weather.patience), "request lost")
        }
        store.submit(call, from: node, body) { result in
            trace.note(node.name, "\(call.text) → \(StoreAnswer.text(result))")
            reply(call, pending, result)
        }
    }

    private func reply<Answer: Sendable>(
        _ call: StoreCall,
        _ pending: PendingCall<Answer>,
        _ result: Result<Answer, any Error>
    ) {
        guard !pending.isOver else { return }
        if draws.chance(weather.replyLoss) {
            network.countLostReply(of: call)
            return fail(pending, call, after: draws.duration(in: weather.patience), "reply lost")
        }
        loop.after(network.travel()) {
            if node.isCutOff {
                network.countLostReply(of: call)
                return fail(pending, call, after: draws.duration(in: weather.patience), "reply lost")
            }
            pending.resolve(result)
        }
    }

    private func fail<Answer: Sendable>(
        _ pending: PendingCall<Answer>,
        _ call: StoreCall,
        after delay: Duration,
        _ reason: String
    ) {
        loop.after(delay) {
            if pending.resolve(.failure(TrialStoreError.unavailable(reason))) {
                trace.note(node.name, "gives up: \(call.text) (\(reason))")
            }
        }
    }
}
