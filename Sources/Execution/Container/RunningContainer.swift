import ExperimentModel
import Foundation
import Glibc
import Logging
import Synchronization

/// How the process of an attempt is ended, when that takes more than a signal to its group. Called on the reactor's thread: it
/// must not block.
protocol AttemptSignals: Sendable {
    /// Asks the attempt to end.
    func terminate()
    /// Ends it.
    func kill()
}

/// How a container ended.
enum ContainerEnd: Sendable, Equatable {
    /// By itself, or by a signal.
    case exited(Int32, isOutOfMemory: Bool)
    /// The engine could not start it; its words, if it has kept any.
    case neverStarted(String)
    /// It ran on when the engine's program, through which we followed it, had ended.
    case wasRunning
    /// Somebody else has removed it.
    case vanished
    /// The engine does not say.
    case unknown(String)
}

/// A container from its making to its removal; the engine's program that is attached to it is what the reactor supervises.
final class RunningContainer: AttemptSignals {
    /// Time between two tries to send a signal to a container that is not up yet.
    private static let retryMicroseconds: UInt32 = 100_000
    /// How long a signal is tried to be sent.
    static let signalLimit: Duration = .seconds(30)
    /// After a container was killed, its program gets so long to end; then that is killed.
    static let attachedLimit: Duration = .seconds(15)

    private struct State {
        var attached: pid_t?
        var isKilling = false
    }

    let engine: ContainerEngine
    let name: String
    /// Id of the image, `sha256:…`.
    let image: String
    private let logger: Logger
    private let state = Mutex(State())

    init(_ name: String, image: String, engine: ContainerEngine, logger: Logger) {
        self.name = name
        self.image = image
        self.engine = engine
        self.logger = logger
    }

    /// Arguments that start the container and follow it to its end.
    var attachWords: [String] {
        // A signal to the program is not meant for the trial; Docker's cannot be told so, and gets none from us but SIGKILL.
        [engine.program, "start", "--attach"] + (engine.runtime == .podman ? ["--sig-proxy=false"] : []) + [name]
    }

    /// The process that follows it has begun.
    func attached(_ process: pid_t) { state.withLock { $0.attached = process } }

    /// That process has ended, and will be reaped: its number may soon be somebody else's.
    func detached() { state.withLock { $0.attached = nil } }

    // MARK: - Ending it

    func terminate() { send("TERM") { $0.isKilling } }

    func kill() {
        state.withLock { $0.isKilling = true }
        send("KILL") { _ in false }
    }

    private func send(_ signal: String, unless isOver: @escaping @Sendable (borrowing State) -> Bool) {
        // Ends with the container, or with its limit.
        Thread.detachNewThread { [self] in
            let end = ContinuousClock.now + Self.signalLimit
            var isSent = false
            while !isSent, .now < end, state.withLock({ $0.attached != nil && !isOver($0) }) {
                do {
                    isSent = try engine.kill(name, signal: signal)
                } catch {
                    logger.warning("container \(name): \(error)")
                }
                // It may only be about to start.
                if !isSent { usleep(Self.retryMicroseconds) }
            }
            if signal == "KILL" { endAttached() }
        }
    }

    /// The engine's program ends with the container; when it does not, the engine is in no order.
    private func endAttached() {
        let end = ContinuousClock.now + Self.attachedLimit
        while .now < end {
            guard state.withLock({ $0.attached != nil }) else { return }
            usleep(Self.retryMicroseconds)
        }
        state.withLock { state in
            // Not reaped yet, so the number is still its own.
            guard let process = state.attached, process > 1 else { return }
            logger.error("container \(name): \(engine.runtime.rawValue) does not end it; it is not followed any more")
            Glibc.kill(-process, SIGKILL)
        }
    }

    // MARK: - Afterwards

    /// Finds out how it ended, and removes it. Blocks.
    /// - Returns: whether it is gone, too: the engine may hang.
    func finish() -> (end: ContainerEnd, isGone: Bool) {
        let end: ContainerEnd
        do {
            if let seen = try engine.inspect([name]).first {
                if seen.isRunning {
                    end = .wasRunning
                } else if seen.hasStarted {
                    end = .exited(seen.exitStatus, isOutOfMemory: seen.isOutOfMemory)
                } else {
                    end = .neverStarted(seen.error)
                }
            } else {
                return (.vanished, true)
            }
        } catch {
            end = .unknown("\(error)")
        }
        return (end, remove())
    }

    /// Removes it, running or not. Blocks. - Returns: whether it is gone.
    func remove() -> Bool {
        var reason = "the engine gives no reason"
        for _ in 0..<2 {
            do {
                if try engine.remove(name) { return true }
            } catch {
                reason = "\(error)"
            }
        }
        logger.error(
            "container \(name) could not be removed: \(reason); it may still run: \(engine.program) rm --force \(name)"
        )
        return false
    }
}
