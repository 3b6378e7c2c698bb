import Glibc

/// Shell, locale, terminal and processor.
enum SurroundingsCheck {
    static let shell = "/bin/sh"
    static let narrowestTerminal = 80

    static func judgeShell(isExecutable: Bool) -> Finding {
        isExecutable
            ? Finding(.machine, "shell", .ok, "\(shell) is there")
            : Finding(
                .machine,
                "shell",
                .fail,
                "\(shell) is missing, and commands that are a text run in it",
                remedy: "install a shell as \(shell), or write commands as lists"
            )
    }

    /// - Parameter environment: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set decides, as POSIX says.
    static func judgeLocale(environment: [String: String]) -> Finding {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let deciding = names.first { environment[$0].map { !$0.isEmpty } ?? false }
        let value = deciding.flatMap { environment[$0] } ?? ""
        let lower = value.lowercased()
        if lower.contains("utf-8") || lower.contains("utf8") {
            return Finding(.machine, "locale", .ok, "\(deciding ?? "")=\(value)")
        }
        let found = deciding.map { "\($0)=\(value) is not UTF-8" } ?? "no locale is set, which means ASCII"
        return Finding(
            .machine,
            "locale",
            .warn,
            "\(found): trials may garble letters outside ASCII",
            remedy: "export LC_ALL=C.UTF-8"
        )
    }

    /// - Parameter columns: `nil` when the output is not a terminal.
    static func judgeTerminal(columns: Int?, rows: Int?) -> Finding {
        guard let columns, let rows else {
            return Finding(.machine, "terminal", .skip, "the output is not a terminal")
        }
        let isNarrow = columns < narrowestTerminal
        return Finding(
            .machine,
            "terminal",
            isNarrow ? .warn : .ok,
            "\(columns) columns, \(rows) rows",
            remedy: isNarrow ? "make the window \(narrowestTerminal) columns wide, or use --json" : nil
        )
    }

    static func findings(environment: [String: String]) -> [Finding] {
        var size = winsize()
        let isTerminal = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let pageSize = UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
        let pages = UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES))))
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return [
            Finding(
                .machine,
                "cpu",
                .ok,
                "\(cores) \(cores == 1 ? "core" : "cores"), \(ByteText.text(pageSize &* pages)) of memory"
            ),
            judgeShell(isExecutable: access(shell, X_OK) == 0),
            judgeLocale(environment: environment),
            judgeTerminal(columns: isTerminal ? Int(size.ws_col) : nil, rows: isTerminal ? Int(size.ws_row) : nil),
        ]
    }
}
