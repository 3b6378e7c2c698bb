import Glibc

/// A descriptor that is a terminal, maybe.
public struct TerminalDevice: Sendable {
    /// Standard output.
    public static let standardOutput = TerminalDevice(descriptor: STDOUT_FILENO)

    /// The descriptor.
    public let descriptor: Int32

    /// A descriptor to look at.
    public init(descriptor: Int32) { self.descriptor = descriptor }

    /// Whether it is a terminal.
    public var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Its size now; `nil` when it has none.
    public var size: TerminalSize? {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return nil
        }
        return TerminalSize(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }

    /// Whether a frame may be written now: this process is in the foreground, and the terminal takes output at once (a
    /// person may have stopped it with Ctrl-S).
    public var isReady: Bool {
        guard isForeground else { return false }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLOUT) != 0
    }

    /// Whether the terminal is this process's to act on.
    public var isForeground: Bool {
        let foreground = tcgetpgrp(descriptor)
        // Without a controlling terminal there is no foreground to be in.
        return foreground < 0 || foreground == getpgrp()
    }

    /// Writes bytes past any route of ``Console``.
    public func write(_ bytes: [UInt8]) { Console.writeDirectly(bytes, to: descriptor) }
}
