import Coordination
import ExperimentModel
import MemoryTrialStore

/// The events of the store on their way to one listener: late, lost, repeated, out of order, broken off.
final class EventFeed: Sendable {
    /// Events that may wait for a slow listener.
    private static let capacity = 4096
    /// How much later a delayed event comes.
    private static let delay: ClosedRange<Duration> = .milliseconds(50)...(.seconds(15))
    /// Probability that an event that is lost breaks the feed off, which the listener is told; the rest is lost in silence.
    private static let breakShare = 0.3
    private static let reconnection: ClosedRange<Duration> = .milliseconds(100)...(.seconds(5))
    /// How often a feed that cannot reach the store tries again.
    private static let retryInterval: Duration = .milliseconds(500)

    private struct State {
        var isBroken = false
        /// Trials as last told, to make changes from.
        var told: [TrialID: Trial] = [:]
    }

    private let link: StoreLink
    private let scope: WatchScope
    private let state = Confined(State())

    init(link: StoreLink, scope: WatchScope) {
        self.link = link
        self.scope = scope
    }

    func start() -> AsyncStream<StoreEvent> {
        let (stream, listener) = AsyncStream.makeStream(
            of: StoreEvent.self,
            bufferingPolicy: .bufferingNewest(Self.capacity)
        )
        let events = link.store.memory.watch(scope)
        // Ended by the listener's going.
        let pump = Task(executorPreference: link.store.node) {
            for await event in events { self.take(event, for: listener) }
        }
        listener.onTermination = { _ in pump.cancel() }
        return stream
    }

    private func take(_ event: StoreEvent, for listener: AsyncStream<StoreEvent>.Continuation) {
        guard let event = narrowed(event), !link.node.isReaped, !link.node.isDead else { return }
        if link.node.isCutOff || link.store.isAway { return breakOff(listener) }
        let weather = link.network.weather
        let draws = link.network.draws
        let counts = link.network.counts
        if draws.chance(weather.eventLoss) {
            counts.add(.eventLost)
            if draws.chance(Self.breakShare) { breakOff(listener) }
            return
        }
        var travel = link.network.travel()
        if draws.chance(weather.eventDelay) {
            counts.add(.eventDelayed)
            travel += draws.duration(in: Self.delay)
        }
        deliver(event, to: listener, after: travel)
        if draws.chance(weather.eventRepetition) {
            counts.add(.eventRepeated)
            deliver(event, to: listener, after: travel + draws.duration(in: Self.delay))
        }
    }

    private func deliver(
        _ event: StoreEvent,
        to listener: AsyncStream<StoreEvent>.Continuation,
        after delay: Duration
    ) {
        guard !state.value.isBroken else { return }
        link.loop.after(delay) { listener.yield(event) }
    }

    private func breakOff(_ listener: AsyncStream<StoreEvent>.Continuation) {
        guard !state.value.isBroken else { return }
        state.value.isBroken = true
        link.network.counts.add(.listeningBroken)
        reconnect(listener, after: link.network.draws.duration(in: Self.reconnection))
    }

    private func reconnect(_ listener: AsyncStream<StoreEvent>.Continuation, after delay: Duration) {
        link.loop.after(delay) { [self] in
            if link.node.isReaped || link.node.isDead { return }
            if link.node.isCutOff || link.store.isAway { return reconnect(listener, after: Self.retryInterval) }
            state.value.isBroken = false
            listener.yield(.resync)
        }
    }

    /// A leader's events tell no more of a trial than a change stream does.
    private func narrowed(_ event: StoreEvent) -> StoreEvent? {
        guard scope == .lead, case .trial(let trial) = event else { return event }
        let before = state.value.told.updateValue(trial, forKey: trial.id)
        if trial.version == 0 { return nil }
        return .change(TrialChange(id: trial.id, version: trial.version, step: Self.step(from: before, to: trial)))
    }

    private static func step(from before: Trial?, to trial: Trial) -> TrialChange.Step {
        guard let before, before.version + 1 == trial.version, let attempt = trial.attempts.last else { return .other }
        if before.state == .new, trial.state == .running {
            return .claimed(attempt, leaseUntil: trial.leaseUntil)
        }
        guard before.state == .running, trial.state.isTerminal, let cause = trial.cause, let outcome = attempt.outcome,
            let endedAt = attempt.endedAt, let finishedAt = trial.finishedAt
        else { return .other }
        return .ended(
            TrialChange.End(
                state: trial.state,
                cause: cause,
                value: trial.value,
                attempt: trial.attempt,
                outcome: outcome,
                attemptEndedAt: endedAt,
                finishedAt: finishedAt
            )
        )
    }
}
