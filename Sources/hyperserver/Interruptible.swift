import CommandLineSupport
import UnixSignals

/// Work that goes on until it is done or a person has seen enough.
enum Interruptible {
    /// Runs `body`; Ctrl-C cancels it, and the program closes its store before it ends.
    /// - Throws: ``ProgramFailure/Status/interrupted``, or what `body` throws.
    static func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { throw ProgramFailure(.interrupted) }
                // Only ends when cancelled, after the body.
            }
            try await group.next()
        }
    }
}
