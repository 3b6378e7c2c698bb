import Glibc

/// A value that only the thread of its simulation touches.
///
/// A simulation runs everything on the one thread that called it, code of the product included; a lock would only hide a
/// task that escaped. `@unchecked Sendable` holds because every access checks the thread.
final class Confined<Value>: @unchecked Sendable {
    private var storage: Value
    private let thread = pthread_self()

    init(_ value: Value) { storage = value }

    var value: Value {
        _read {
            check()
            yield storage
        }
        _modify {
            check()
            yield &storage
        }
    }

    private func check() {
        precondition(thread == pthread_self(), "a task of the simulation runs outside its executors")
    }
}
