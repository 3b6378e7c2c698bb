public import CommandLineSupport
import Dispatch
import Glibc
import Synchronization

/// The one owner of a terminal while a frame is on it: whatever else is printed goes above the frame.
public final class LiveTerminal: Sendable {
    private let device: TerminalDevice
    private let state = Mutex(State())
    private struct State {
        var screen = TerminalScreen()
        var echo = TerminalEcho()
    }

    // Sources of Dispatch may be used from any thread; their Swift type just does not say so.
    private nonisolated(unsafe) let suspension: any DispatchSourceSignal

    /// Takes the terminal over; ``finish()`` gives it back.
    public init(_ device: TerminalDevice) {
        self.device = device
        suspension = DispatchSource.makeSignalSource(signal: SIGTSTP, queue: DispatchQueue(label: "hyper.suspension"))
        let errorIsHere = isatty(STDERR_FILENO) == 1
        Console.setRoute { [weak self] bytes, descriptor in
            guard let self, descriptor == device.descriptor || (descriptor == STDERR_FILENO && errorIsHere) else {
                return false
            }
            return self.writeAbove(bytes)
        }
        suspension.setEventHandler { [weak self] in self?.suspend() }
        suspension.activate()
    }

    /// Ctrl-Z: the shell gets its cursor, then this process stops as it would have.
    private func suspend() {
        giveBack()
        kill(getpid(), SIGSTOP)
    }

    private var size: TerminalSize { device.size ?? .standard }

    /// Shows a frame, unless the terminal cannot take it now; the next one will do.
    /// - Parameter frame: the lines for a size.
    public func show(_ frame: (TerminalSize) -> [String]) {
        guard device.isReady else { return }
        let size = size
        let lines = frame(size)
        state.withLock { state in
            // What a person types would be shown within the frame, and a line end would move all of it.
            state.echo.turnOff(device)
            let bytes = state.screen.paint(lines, size: size)
            if !bytes.isEmpty { device.write(bytes) }
        }
    }

    /// Other programs may have written: the next frame begins below that.
    public func forget() { state.withLock { $0.screen.forget() } }

    /// Leaves the last frame on the screen, shows the cursor and what is typed, and lets others print as they like.
    public func finish() {
        Console.setRoute(nil)
        suspension.cancel()
        giveBack()
    }

    private func giveBack() {
        state.withLock { state in
            let bytes = state.screen.finish()
            if !bytes.isEmpty { device.write(bytes) }
            state.echo.restore(device)
        }
    }

    private func writeAbove(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard state.screen.isShowing else { return false }
            device.write(state.screen.write(bytes, size: size))
            return true
        }
    }
}
