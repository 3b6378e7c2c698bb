import Coordination
import Foundation
import Synchronization

/// A work directory of one test.
final class WorkPlace: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "work-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Whether the store of a test answers.
final class StoreSwitch: Sendable {
    private let isAway = Mutex(false)
    private let calls = Mutex(0)

    func set(away: Bool) { isAway.withLock { $0 = away } }

    /// Counts calls of a kind. - Returns: the number of this one, from 1.
    func count() -> Int {
        calls.withLock { calls in
            calls += 1
            return calls
        }
    }

    /// Throws while the store is away.
    func check() throws {
        if isAway.withLock({ $0 }) { throw TrialStoreError.unavailable("a test took it away") }
    }
}
