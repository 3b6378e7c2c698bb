import CMongoC
import Foundation

/// Keeps a client from asking its cursor for more too often (`getMore`); confined to the thread of the client.
///
/// libmongoc does not tell when a batch of events is used up, but it announces each command before it sends it.
final class QuestionThrottle {
    private let pace: Duration
    private var lastQuestion: ContinuousClock.Instant?

    init(_ pace: Duration) {
        self.pace = pace
    }

    /// Waits before every `getMore` of this client, which must not outlive the throttle.
    func watch(_ client: OpaquePointer) {
        let callbacks = mongoc_apm_callbacks_new()
        defer { mongoc_apm_callbacks_destroy(callbacks) }
        mongoc_apm_set_command_started_cb(callbacks) { event in
            guard let event, let name = mongoc_apm_command_started_get_command_name(event),
                strcmp(name, "getMore") == 0, let context = mongoc_apm_command_started_get_context(event)
            else { return }
            Unmanaged<QuestionThrottle>.fromOpaque(context).takeUnretainedValue().wait()
        }
        mongoc_client_set_apm_callbacks(client, callbacks, Unmanaged.passUnretained(self).toOpaque())
    }

    private func wait() {
        let now = ContinuousClock.now
        if let lastQuestion {
            let rest = now.duration(to: lastQuestion + pace)
            if rest > .zero { Thread.sleep(forTimeInterval: rest / .seconds(1)) }
        }
        lastQuestion = .now
    }
}
