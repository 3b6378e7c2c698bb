import Coordination
import ExperimentModel
import Synchronization

/// Events that came, for a check to wait for one; each event is looked at once.
final class EventLog: Sendable {
    /// One event with its trial at hand.
    struct Entry: Sendable {
        var event: StoreEvent
        var trial: Trial? {
            if case .trial(let trial) = event { trial } else { nil }
        }

        /// The trial of the event, from what was known of it before.
        func trial(after known: Trial) -> Trial? {
            if case .change(let change) = event { known.after(change) } else { trial }
        }

        /// Whether the event is about this trial.
        func concerns(_ id: TrialID) -> Bool {
            if case .change(let change) = event { change.id == id } else { trial?.id == id }
        }
    }

    private let entries: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation

    init() {
        (entries, continuation) = AsyncStream.makeStream()
    }

    func append(_ event: StoreEvent) { continuation.yield(Entry(event: event)) }

    /// Waits for an event that matches, passing over others; fails after ``TrialStoreConformance/eventTimeout``.
    func wait(_ what: String, for matches: @escaping @Sendable (Entry) -> Bool) async throws {
        let entries = entries
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await entry in entries where matches(entry) { return true }
                return false
            }
            group.addTask {
                try await Task.sleep(for: TrialStoreConformance.eventTimeout)
                return false
            }
            defer { group.cancelAll() }
            let isFound = try await group.next() ?? false
            try expect(isFound, "no event came for \(what)")
        }
    }
}
