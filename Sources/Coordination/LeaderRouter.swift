import ExperimentModel
import Synchronization

/// Hands store events to the leader of the experiment that they are about.
final class LeaderRouter: Sendable {
    /// Wakes whoever looks for experiments to lead.
    let scan = EventMailbox()
    private let boxes = Mutex<[ExperimentID: EventMailbox]>([:])

    /// A mailbox for a new leader, or `nil` when the experiment has one here already.
    func open(_ id: ExperimentID) -> EventMailbox? {
        boxes.withLock { boxes in
            guard boxes[id] == nil else { return nil }
            let mailbox = EventMailbox()
            boxes[id] = mailbox
            return mailbox
        }
    }

    /// Forgets a leader that has ended.
    func close(_ id: ExperimentID) {
        boxes.withLock { $0[id] = nil }
    }

    /// Delivers one event.
    func route(_ event: StoreEvent) {
        switch event {
        case .trial(let trial): boxes.withLock { $0[trial.id.experiment] }?.send(event)
        case .change(let change): boxes.withLock { $0[change.id.experiment] }?.send(event)
        case .report(let id, _): boxes.withLock { $0[id] }?.send(event)
        case .experiment(let id):
            if let box = boxes.withLock({ $0[id] }) { box.send(event) } else { scan.wake() }
        case .resync, .workers:
            for box in all { box.send(event) }
            if event == .resync { scan.wake() }
        case .work, .delayed, .orders, .leave: break
        }
    }

    /// Tells everyone that time has passed.
    func wakeAll() {
        for box in all { box.wake() }
        scan.wake()
    }

    /// In an order that is the same in every process.
    private var all: [EventMailbox] {
        boxes.withLock { $0.sorted { $0.key < $1.key } }.map(\.value)
    }
}
