import Coordination

/// A call whose caller waits: answered once, by a reply, by giving up, or by the caller's own end.
final class PendingCall<Answer: Sendable>: Sendable {
    private struct State {
        var continuation: UnsafeContinuation<Answer, any Error>?
        var early: (any Error)?
        var isOver = false
        var number: Int?
    }

    private let node: SimulatedNode
    private let state = Confined(State())

    init(node: SimulatedNode) { self.node = node }

    var isOver: Bool { state.value.isOver }

    func begin(_ continuation: UnsafeContinuation<Answer, any Error>) {
        if let early = state.value.early { return continuation.resume(throwing: early) }
        state.value.continuation = continuation
        // Its caller may have been cancelled before it died, and then nobody else lets it go.
        state.value.number = node.whenReaped { self.resolve(.failure(TrialStoreError.unavailable("gone"))) }
    }

    /// - Returns: whether anyone was still waiting for it.
    @discardableResult
    func resolve(_ result: Result<Answer, any Error>) -> Bool {
        // A dead caller hears nothing; it is let go when it is cleared away.
        guard !state.value.isOver, !node.isDead else { return false }
        state.value.isOver = true
        if let number = state.value.number { node.forget(number) }
        if let continuation = state.value.continuation.take() {
            continuation.resume(with: result)
        } else if case .failure(let error) = result {
            state.value.early = error
        }
        return true
    }
}
