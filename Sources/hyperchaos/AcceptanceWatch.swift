import Chaos
import Coordination
import ExperimentModel
import Synchronization

/// Remembers every result that the store tells of: change events tell only what a majority of the members has.
final class AcceptanceWatch: Sendable {
    private let seen = Mutex<[TrialID: Set<ChaosEvidence.Acceptance>]>([:])

    /// What was told so far.
    var acceptances: [TrialID: Set<ChaosEvidence.Acceptance>] { seen.withLock { $0 } }

    /// Listens until the task is cancelled.
    func run(_ store: any TrialStore) async {
        for await event in store.watch(.lead) {
            guard case .change(let change) = event, case .ended(let end) = change.step, end.state == .done else {
                continue
            }
            remember(change.id, ChaosEvidence.Acceptance(attempt: end.attempt, value: end.value))
        }
    }

    /// Looks by itself until the task is cancelled, for a server without change events; one that is never killed takes
    /// nothing back.
    /// - Parameter recent: the experiments to look at.
    func poll(_ store: any TrialStore, _ recent: @Sendable () -> [ExperimentID]) async {
        while !Task.isCancelled {
            for id in recent() {
                // The store is being restarted: the next look tells.
                let done = (try? await store.trials(of: id, TrialQuery(states: [.done]))) ?? []
                for trial in done {
                    remember(trial.id, ChaosEvidence.Acceptance(attempt: trial.attempt, value: trial.value))
                }
            }
            // A cancelled sleep ends the loop.
            try? await ContinuousClock().sleep(for: Self.pollInterval)
        }
    }

    private static let pollInterval: Duration = .seconds(1)

    private func remember(_ trial: TrialID, _ acceptance: ChaosEvidence.Acceptance) {
        seen.withLock { _ = $0[trial, default: []].insert(acceptance) }
    }
}
