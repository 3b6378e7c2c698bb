/// What `/proc/PID/stat` tells about a process; proc(5) explains the fields.
struct ProcessStatus: Sendable, Equatable {
    let name: String
    /// Whether nothing is left of it but its exit status.
    let hasEnded: Bool
    /// In ticks since the start of the machine.
    let startTime: UInt64

    /// Nil when there is no such process.
    init?(pid: Int32) {
        guard pid > 0, let bytes = MongodProcess.contents(of: "/proc/\(pid)/stat") else { return nil }
        self.init(line: String(decoding: bytes, as: UTF8.self))
    }

    /// Reads the line; the name, in parentheses, may itself hold spaces and parentheses.
    init?(line: String) {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close else { return nil }
        name = String(line[line.index(after: open)..<close])
        let fields = line[close...].dropFirst().split(separator: " ")
        let (state, threads, start) = (0, 17, 19)
        guard fields.count > start, let startTime = UInt64(fields[start]) else { return nil }
        self.startTime = startTime
        // While other threads live, a dead main thread still holds files and locks.
        hasEnded = fields[state] == "X" || (fields[state] == "Z" && (Int(fields[threads]) ?? 0) <= 1)
    }
}
