import Glibc

/// What the system lets this user and process have.
enum ResourceLimits {
    static let fewOpenFiles: UInt64 = 1024
    static let tooFewOpenFiles: UInt64 = 256
    static let fewProcesses: UInt64 = 1024
    static let tooFewProcesses: UInt64 = 128

    /// - Parameter limit: `nil` means without limit.
    static func judge(openFiles limit: UInt64?) -> Finding {
        guard let limit else { return Finding(.machine, "open_files", .ok, "no limit on open files") }
        let level: Finding.Level = limit < tooFewOpenFiles ? .fail : limit < fewOpenFiles ? .warn : .ok
        let detail = "a process may open \(limit) files"
        return Finding(.machine, "open_files", level, detail, remedy: "ulimit -n 65536")
    }

    /// - Parameter limit: `nil` means without limit.
    static func judge(processes limit: UInt64?) -> Finding {
        guard let limit else { return Finding(.machine, "processes", .ok, "no limit on processes") }
        let level: Finding.Level = limit < tooFewProcesses ? .fail : limit < fewProcesses ? .warn : .ok
        let detail = "this user may run \(limit) processes and threads"
        let remedy = "ulimit -u 4096 (in a container: a larger --pids-limit)"
        return Finding(.machine, "processes", level, detail, remedy: remedy)
    }

    /// What holds now: the limit of the user or, if smaller, of the control group.
    static func findings() -> [Finding] {
        let user = current(Int32(__RLIMIT_NPROC.rawValue))
        let group = ProcessFile.text("/sys/fs/cgroup/pids.max").flatMap { UInt64(ForeignText.firstLine(of: $0)) }
        let processes = [user, group].compactMap(\.self).min()
        return [judge(openFiles: current(Int32(RLIMIT_NOFILE.rawValue))), judge(processes: processes)]
    }

    private static func current(_ resource: __rlimit_resource_t) -> UInt64? {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < UInt64(Int64.max) else { return nil }
        return UInt64(limit.rlim_cur)
    }
}
