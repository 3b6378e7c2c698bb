import Foundation
import Glibc
import Synchronization
import UnixSignals
import WorkerRuntime

/// Everything that tells a worker to leave: signals and, for a child of `hyperserver run`, the leash on standard input.
final class WorkerSignals: Sendable {
    private enum Wish: Sendable {
        /// A signal: the first drains, the next stops.
        case leave
        /// The leash: drain, however often it is said.
        case drain
        /// The leash: stop.
        case stop
    }

    private struct State {
        var handler: (@Sendable (Wish) -> Void)?
        /// Wishes that nobody has heard yet.
        var early: [Wish] = []
    }

    private let state = Mutex(State())

    /// Begins to listen.
    /// - Parameter isLeashed: whether `d` or the end of standard input means to drain, and `q` to stop.
    init(isLeashed: Bool) async {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        // Lives as long as the process: there is no time at which a worker does not listen.
        Task {
            for await _ in signals { self.tell(.leave) }
        }
        guard isLeashed else { return }
        // A thread of its own, since reading a pipe blocks; it ends with the pipe.
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = Glibc.read(STDIN_FILENO, &byte, 1)
                if count < 0, errno == EINTR { continue }
                self.tell(count == 1 && byte == UInt8(ascii: "q") ? .stop : .drain)
                if count <= 0 { return }
            }
        }
    }

    private func tell(_ wish: Wish) {
        let handler = state.withLock { state in
            if state.handler == nil { state.early.append(wish) }
            return state.handler
        }
        handler?(wish)
    }

    private func listen(_ handler: (@Sendable (Wish) -> Void)?) {
        let early = state.withLock { state in
            state.handler = handler
            defer { if handler != nil { state.early = [] } }
            return state.early
        }
        if let handler { for wish in early { handler(wish) } }
    }

    /// Runs `body` until it ends or anything tells the worker to leave.
    /// - Throws: what `body` throws; `CancellationError` when told to leave.
    func cancelling<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        // Awaited below and cancelled by the first wish.
        let task = Task { try await body() }
        listen { _ in task.cancel() }
        defer { listen(nil) }
        return try await task.value
    }

    /// Passes wishes on until the task is cancelled: the first drains, the second stops.
    func deliver(to runtime: WorkerRuntime<ContinuousClock>) async {
        let (wishes, continuation) = AsyncStream.makeStream(of: Wish.self)
        listen { continuation.yield($0) }
        var isLeaving = false
        for await wish in wishes {
            switch wish {
            case .leave where !isLeaving, .drain: await runtime.drain()
            case .leave, .stop: await runtime.stop()
            }
            isLeaving = true
        }
    }
}
