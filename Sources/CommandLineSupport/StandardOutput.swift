import Glibc

/// How much room a line of standard output has, and whether anybody reads it.
public enum StandardOutput {
    /// Fewer columns than this are not believed.
    static let smallestColumns = 20

    /// Columns of the terminal that standard output is; `nil` when it is none.
    public static var columns: Int? {
        let device = TerminalDevice.standardOutput
        guard device.isTerminal else { return nil }
        return max(smallestColumns, (device.size ?? .standard).columns)
    }

    /// Whether characters beyond ASCII can be shown, as the locale says.
    public static func isUnicode(_ environment: [String: String]) -> Bool {
        // POSIX: the first of these that is set and not empty decides.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    /// What stands for text that did not fit.
    public static func cutMark(_ environment: [String: String]) -> String { isUnicode(environment) ? "…" : "~" }

    /// A table's lines: within the width of a terminal, and whole elsewhere.
    public static func fitted(_ table: TextTable, _ environment: [String: String]) -> [String] {
        table.lines(fitting: columns, mark: cutMark(environment))
    }

    /// Whether the reader of standard output has gone, such as a `head` that has seen enough.
    public static var isClosed: Bool {
        var state = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&state, 1, 0) == 1 else { return false }
        return state.revents & Int16(POLLERR | POLLNVAL) != 0
    }
}
