import CommandLineSupport
import Glibc

/// Whether a terminal shows what is typed; what is typed is kept for the next reader all the same.
struct TerminalEcho {
    private var saved: tcflag_t?

    /// The flags that show characters, and a line end even where characters are hidden.
    private static let flags = tcflag_t(ECHO | ECHONL)

    /// Turns it off, once; only where this process is in the foreground.
    mutating func turnOff(_ device: TerminalDevice) {
        guard saved == nil, device.isForeground else { return }
        var settings = termios()
        guard tcgetattr(device.descriptor, &settings) == 0 else { return }
        saved = settings.c_lflag & Self.flags
        settings.c_lflag &= ~Self.flags
        Self.set(settings, device)
    }

    /// Makes it as it was. A process in the background leaves it: the terminal is as who is in the foreground wants it.
    mutating func restore(_ device: TerminalDevice) {
        guard let flags = saved else { return }
        saved = nil
        var settings = termios()
        guard device.isForeground, tcgetattr(device.descriptor, &settings) == 0 else { return }
        settings.c_lflag = (settings.c_lflag & ~Self.flags) | flags
        Self.set(settings, device)
    }

    private static func set(_ settings: termios, _ device: TerminalDevice) {
        // If it goes into the background between the look and this, the signal must not stop it here.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTTOU)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &signals, &before)
        var settings = settings
        // A terminal that is gone has nobody who types.
        _ = tcsetattr(device.descriptor, TCSANOW, &settings)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
