import Coordination
import ExperimentModel

/// What people do to the experiments while they run: each action is a client that tries until it has an answer.
struct People: Sendable {
    private enum Action: CaseIterable { case pause, resume, raise, lower, widen, enqueue, retry, cancel }

    /// How often a client makes its call when the store does not answer.
    private static let tries = 5
    private static let tryInterval: Duration = .seconds(1)
    private static let largestChange = 6
    private static let largestTrialCount = 30
    /// Share of chosen cancels that are carried out, so that most runs go on.
    private static let cancelShare = 0.15

    let world: World
    let draws: Draws

    init(world: World) {
        self.world = world
        draws = Draws(seed: world.seed, purpose: "people")
    }

    /// Plans the first action; each plans the next.
    func begin() {
        guard let interval = world.scenario.weather.personInterval else { return }
        world.loop.after(draws.duration(in: interval)) {
            guard world.isTroubled.value else { return }
            act()
            begin()
        }
    }

    private func act() {
        let records = world.judge.records
        guard !records.isEmpty else { return }
        let record = draws.pick(records)
        let id = record.experiment.id
        switch draws.pick(Action.allCases) {
        case .pause: client { try await $0.setPaused(true, experiment: id) }
        case .resume: client { try await $0.setPaused(false, experiment: id) }
        case .raise:
            let count = draws.number(in: 1...Self.largestChange)
            changeLimits(id) { limits in
                limits.maxTrials = limits.maxTrials.map { min($0 + count, Self.largestTrialCount) }
            }
        case .lower:
            let count = draws.number(in: 1...Self.largestChange)
            changeLimits(id) { limits in limits.maxTrials = limits.maxTrials.map { max($0 - count, 1) } }
        case .widen:
            let concurrent = draws.pick([nil, 1, 2, 4])
            changeLimits(id) { limits in limits.maxConcurrentTrials = concurrent }
        case .enqueue:
            let point = EnqueuedPoint(id: "p\(draws.bits() % 100_000)", values: Scenario.point(draws))
            client { try await $0.enqueue(point, experiment: id) }
        case .retry:
            let retryable = record.trials.values.filter(\.isRetryable).map(\.id).sorted()
            guard !retryable.isEmpty else { return }
            let trial = draws.pick(retryable)
            client { try await $0.retryTrial(trial) }
        case .cancel:
            guard draws.chance(Self.cancelShare) else { return }
            let ending = ExperimentEnding(state: .cancelled, reason: .user)
            client { try await $0.requestEnd(of: id, ending) }
        }
    }

    private func changeLimits(_ id: ExperimentID, _ change: @escaping @Sendable (inout Limits) -> Void) {
        client { store in
            guard let experiment = try await store.experiment(id) else { return nil as Experiment? }
            var limits = experiment.limits
            change(&limits)
            return try await store.replaceLimits(of: id, from: experiment.limits, to: limits)
        }
    }

    private func client<Answer: Sendable>(_ call: @escaping @Sendable (StoreLink) async throws -> Answer) {
        world.counts.add(.personActed)
        world.startClient { store, clock in
            for _ in 0..<Self.tries {
                do {
                    _ = try await call(store)
                    return
                } catch TrialStoreError.windingDown {
                    return
                } catch let error as TrialStoreError where error.isRetryable {
                    try await clock.sleep(for: Self.tryInterval)
                }
            }
        }
    }

    /// At the end somebody lets everything go on that was paused.
    func resumeAll() {
        for record in world.judge.records where record.experiment.state == .paused {
            let id = record.experiment.id
            client { try await $0.setPaused(false, experiment: id) }
        }
    }
}
