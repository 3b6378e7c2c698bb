import Glibc

/// How much room a line of standard output has, and whether anybody reads it.
public enum StandardOutput {
    /// Columns of a terminal that does not tell how many it has.
    static let defaultColumns = 80
    /// Fewer columns than this are not believed.
    static let smallestColumns = 20

    /// Columns of the terminal that standard output is; `nil` when it is none.
    public static var columns: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return defaultColumns }
        return max(smallestColumns, Int(size.ws_col))
    }

    /// Whether the reader of standard output has gone, such as a `head` that has seen enough.
    public static var isClosed: Bool {
        var state = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&state, 1, 0) == 1 else { return false }
        return state.revents & Int16(POLLERR | POLLNVAL) != 0
    }
}
