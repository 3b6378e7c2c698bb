import Execution
import Synchronization

/// Collects stop requests from any thread.
final class Requests: Sendable {
    private let state = Mutex<[StopRequest]>([])
    var all: [StopRequest] { state.withLock { $0 } }
    func append(_ request: StopRequest) { state.withLock { $0.append(request) } }
}
