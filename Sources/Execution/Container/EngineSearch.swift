public import ExperimentModel
import Foundation
public import Logging
import Synchronization

/// Finds the container engine of a worker, when one is first needed: most workers never need one.
public final class EngineSearch: Sendable {
    /// What the worker was told.
    public enum Choice: Sendable, Hashable {
        /// No containers: every command runs as a plain process, whatever its definition says.
        case process
        /// This engine and no other.
        case engine(TrialRuntime)
        /// The first of these that can be used.
        case first([TrialRuntime])

        /// Podman, then Docker.
        public static var automatic: Choice { .first([.podman, .docker]) }

        /// The choice that a flag or variable names.
        public init?(_ word: String) {
            guard let runtime = TrialRuntime(rawValue: word) else { return nil }
            self = runtime == .process ? .process : .engine(runtime)
        }
    }

    /// A failed search is made again after so long at the earliest: somebody may have started the engine.
    static let retryInterval: Duration = .seconds(60)

    private struct State {
        var engine: ContainerEngine?
        var failure: (error: EngineError, at: ContinuousClock.Instant)?
    }

    /// What the worker was told.
    public let choice: Choice
    private let inherited: [String: String]
    private let logger: Logger
    private let state = Mutex(State())

    /// A search that has not begun.
    /// - Parameter inherited: the worker's environment.
    public init(_ choice: Choice, inherited: [String: String], logger: Logger) {
        self.choice = choice
        self.inherited = inherited
        self.logger = logger
    }

    /// The engine that was found; `nil` before, and where none is.
    public var found: ContainerEngine? { state.withLock { $0.engine } }

    /// The engine, looked for if that has not been done. Blocks.
    ///
    /// - Throws: ``EngineError`` that says why there is none.
    public func engine() throws(EngineError) -> ContainerEngine {
        let known: Result<ContainerEngine, EngineError>? = state.withLock { state in
            if let engine = state.engine { return .success(engine) }
            guard let failure = state.failure, failure.at.duration(to: .now) < Self.retryInterval else { return nil }
            return .failure(failure.error)
        }
        if let known { return try known.get() }
        do throws(EngineError) {
            let engine = try search()
            state.withLock { $0.engine = engine }
            logger.info(
                "containers run by \(engine.program), version \(engine.facts.version)\(engine.facts.isRootless ? ", rootless" : "")"
            )
            return engine
        } catch {
            state.withLock { $0.failure = (error, .now) }
            throw error
        }
    }

    private func search() throws(EngineError) -> ContainerEngine {
        switch choice {
        case .process: throw .noEngine(reasons: ["this worker runs plain processes (--runtime process)"])
        case .engine(let runtime): return try ContainerEngine(runtime, inherited: inherited)
        case .first(let runtimes):
            var reasons: [String] = []
            for runtime in runtimes {
                do throws(EngineError) {
                    return try ContainerEngine(runtime, inherited: inherited)
                } catch {
                    reasons.append("\(error)")
                }
            }
            throw .noEngine(reasons: reasons)
        }
    }
}
