import Coordination
import ExperimentModel
import Synchronization

/// Everyone who listens to a memory store.
final class Watchers: Sendable {
    /// Events that may wait for a slow consumer before it is told to read everything again.
    static let capacity = 4096

    private struct State {
        var next = 0
        var consumers: [Int: (scope: WatchScope, continuation: AsyncStream<StoreEvent>.Continuation)] = [:]
    }

    private let state = Mutex(State())

    func add(_ scope: WatchScope) -> AsyncStream<StoreEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: StoreEvent.self,
            bufferingPolicy: .bufferingNewest(Self.capacity)
        )
        let number = state.withLock { state in
            state.next += 1
            state.consumers[state.next] = (scope, continuation)
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.consumers.removeValue(forKey: number) }
        }
        continuation.yield(.resync)
        return stream
    }

    func send(_ event: StoreEvent) {
        // In the order in which they came: what a process does must not depend on the order of a dictionary.
        let consumers = state.withLock { $0.consumers.sorted { $0.key < $1.key } }
        for (_, (scope, continuation)) in consumers {
            guard let event = Self.narrow(event, to: scope) else { continue }
            if case .dropped = continuation.yield(event) { continuation.yield(.resync) }
        }
    }

    private static func narrow(_ event: StoreEvent, to scope: WatchScope) -> StoreEvent? {
        if event == .resync { return event }
        if case .report = event { return scope == .lead ? event : nil }
        if scope != .work {
            if case .leave = event { return nil }
            return event
        }
        return switch event {
        case .trial(let trial) where trial.state == .new: work(trial)
        case .trial(let trial) where trial.state == .running && trial.order != nil: .orders
        case .experiment, .leave: event
        default: nil
        }
    }

    /// A trial that can be claimed, or how long after its attempt's end, which is now, it can be.
    private static func work(_ trial: Trial) -> StoreEvent {
        guard let notBefore = trial.notBefore, let end = trial.attempts.last?.endedAt else { return .work }
        return .delayed(max(.zero, notBefore - end))
    }
}
