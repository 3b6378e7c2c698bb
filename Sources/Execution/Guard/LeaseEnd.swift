import Glibc
import Synchronization

/// The moment by which nothing of an exclusive attempt may run any more, since its lease ends soon after.
///
/// Every renewal moves it. Its owner sets it from any thread; the executor hands it to the guard, which enforces it also
/// while this process is stopped.
public final class LeaseEnd: Sendable {
    /// What the guard ends processes with: SIGKILL.
    public static let signal: Int32 = SIGKILL

    private struct State {
        var instant: BootInstant?
        var handler: (@Sendable (BootInstant) -> Void)?
    }

    private let state = Mutex(State())

    /// No end: the attempt may outlive its lease.
    public init() {}

    /// The end as it is known now.
    public var current: BootInstant? { state.withLock { $0.instant } }

    /// Sets the end, for the first time or anew.
    public func move(to instant: BootInstant) {
        let handler = state.withLock { state in
            state.instant = instant
            return state.handler
        }
        handler?(instant)
    }

    /// Sets who is told of moves from now on; `nil` ends that. The handler must not block.
    func onMove(_ handler: (@Sendable (BootInstant) -> Void)?) { state.withLock { $0.handler = handler } }
}
