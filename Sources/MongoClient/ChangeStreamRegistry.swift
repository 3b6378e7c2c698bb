import Synchronization

/// The change streams of a connection, so that closing it can stop them and wait for their threads.
final class ChangeStreamRegistry: Sendable {
    private struct State {
        var isClosed = false
        var running: [ObjectIdentifier: ChangeStreamControl] = [:]
    }

    private let state = Mutex(State())

    /// Adds a stream before its thread starts; false when the connection is closed.
    func add(_ control: ChangeStreamControl) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.running[ObjectIdentifier(control)] = control
            return true
        }
    }

    /// Removes a stream whose thread is at its end.
    func remove(_ control: ChangeStreamControl) {
        state.withLock { _ = $0.running.removeValue(forKey: ObjectIdentifier(control)) }
    }

    /// Tells every thread to end and refuses new ones.
    @discardableResult
    func stopAll() -> [ChangeStreamControl] {
        let running = state.withLock { state in
            state.isClosed = true
            return Array(state.running.values)
        }
        for control in running { control.stop() }
        return running
    }

    /// Stops every stream and waits until its thread has left libmongoc.
    func close() async {
        for control in stopAll() {
            for await _ in control.end {}
        }
    }
}

/// The switch of one watching thread, and the news of its end.
final class ChangeStreamControl: Sendable {
    private let isStoppedFlag = Atomic(false)
    private let endSource: AsyncStream<Never>.Continuation
    /// Finishes when the thread has ended; iterated by `ChangeStreamRegistry.close` alone.
    let end: AsyncStream<Never>

    init() {
        (end, endSource) = AsyncStream.makeStream()
    }

    var isStopped: Bool {
        isStoppedFlag.load(ordering: .acquiring)
    }

    func stop() {
        isStoppedFlag.store(true, ordering: .releasing)
    }

    func hasEnded() {
        endSource.finish()
    }
}
