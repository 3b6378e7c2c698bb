import Glibc

/// The guard of a worker: a process that ends the worker's trials when the worker cannot.
///
/// It reads ``GuardLine``s from its standard input and does what ``GuardBoard`` says. It lives in a session of its own and
/// ignores what ends others, so that whatever hits the worker's group, terminal or service does not hit it; it ends by itself
/// after its worker. ``TrialGuard`` is the worker's side.
public struct GuardProcess: ~Copyable {
    /// What it is called in lists of processes: not like the worker, so that `pkill hyperworker` does not hit it too.
    public static let name = "hyperguard"
    /// The only argument.
    public static let command = "guard"

    /// Signals that would end or stop it.
    private static let ignored = [
        SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU, SIGXCPU,
    ]
    /// After lines were read no further ones are for so long: short trials come in numbers, and each would wake this process.
    private static let gatherMilliseconds: Int32 = 10
    private static let bufferBytes = 64 << 10
    /// Exit status of a program that was called in a wrong way.
    private static let usageStatus: Int32 = 64

    private var board = GuardBoard()
    /// pidfds of the leaders of groups; -1 where there are none.
    private var leaders: [Int32: Int32] = [:]
    private var worker: (process: Int32, descriptor: Int32) = (0, -1)
    private var pending: [UInt8] = []
    private let report: (String) -> Void
    private var marked = MarkedProcesses()
    private var hasKilled = false
    private var removals = ContainerRemovals()

    private init(report: @escaping (String) -> Void) { self.report = report }

    /// Guards until the worker is gone and nothing of its trials is left.
    ///
    /// - Parameter report: writes one line to the log.
    /// - Returns: the exit status.
    public static func run(report: @escaping (String) -> Void) -> Int32 {
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
            report(
                "the guard is started by hyperworker itself, and reads from it; there is no use in starting it by hand"
            )
            return usageStatus
        }
        for number in ignored { signal(number, SIG_IGN) }
        setName()
        _ = fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK)
        allowManyDescriptors()
        var guarding = GuardProcess(report: report)
        while true {
            if guarding.step() { return 0 }
        }
    }

    /// By /proc, since Swift cannot call prctl. Without it the name is that of the link by which this program was started.
    private static func setName() {
        let descriptor = open("/proc/self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = write(descriptor, name, name.utf8.count)
        close(descriptor)
    }

    /// One for each trial is needed.
    private static func allowManyDescriptors() {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
    }

    /// Waits for something, and does what follows. - Returns: whether everything is over.
    private mutating func step() -> Bool {
        waitForNews()
        let hasWorkerEnded = hasWorkerEnded
        // After looking at the worker: what it wrote before its end is read.
        let hasInputEnded = readLines()
        let now = BootInstant.now
        if hasInputEnded { board.inputEnded(at: now) } else if hasWorkerEnded { board.workerEnded(at: now) }
        holdLeaders()
        for container in removals.ended(at: now) { board.removed(container, at: now) }
        var news: [String] = []
        defer { for text in news { tell(text) } }
        for action in board.act(at: now) {
            switch action {
            case .killGroup(let group): if killGroup(group) { hasKilled = true }
            case .sweep(let quarry, let marks):
                let found = marked.killAll(bearing: marks)
                if found > 0 { hasKilled = true }
                board.swept(quarry, found: found, at: .now)
            case .remove(let container):
                hasKilled = true
                if !removals.begin(container, at: now) { board.removed(container, at: now) }
            case .announceEnd(let attempt):
                news.append(
                    "trial \(attempt.trial) attempt \(attempt.number) is ended: its lease was not renewed in time"
                )
            case .leave:
                if board.state == .orphaned, hasKilled {
                    news.append(
                        "the worker (process \(worker.process)) ended without a word: the processes of its trials have been "
                            + "killed"
                    )
                }
                return true
            }
        }
        return false
    }

    // MARK: - Hearing

    private func waitForNews() {
        let now = BootInstant.now
        var timeout: Int32 = -1
        if let next = board.nextLook(after: now) {
            timeout = Int32(clamping: max(0, next.milliseconds - now.milliseconds))
        }
        if !removals.isEmpty {
            timeout =
                timeout < 0 ? ContainerRemovals.lookMilliseconds : min(timeout, ContainerRemovals.lookMilliseconds)
        }
        var watched = [pollfd(fd: worker.descriptor, events: Int16(POLLIN), revents: 0)]
        // Once it has ended there is nothing to wait for but the time.
        if board.state == .orphaned { watched = [] }
        if board.state == .watching { watched.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)) }
        poll(&watched, nfds_t(watched.count), timeout)
        if watched.last?.revents != 0, worker.descriptor >= 0 {
            var end = pollfd(fd: worker.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&end, 1, Self.gatherMilliseconds)
        }
    }

    private var hasWorkerEnded: Bool {
        guard worker.descriptor >= 0 else { return false }
        var end = pollfd(fd: worker.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&end, 1, 0) > 0
    }

    /// Takes in everything that can be read. - Returns: whether the input has ended.
    private mutating func readLines() -> Bool {
        var buffer = [UInt8](repeating: 0, count: Self.bufferBytes)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return false }
            guard count > 0 else { return true }
            pending += buffer[..<count]
            let lines = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for line in lines.dropLast() where line.count <= GuardLine.maximumBytes {
                take(String(decoding: line, as: UTF8.self))
            }
            // What has no end yet; of a line that is too long the rest is passed over too, for want of meaning.
            pending = Array((lines.last ?? []).prefix(GuardLine.maximumBytes + 1))
        }
    }

    private mutating func take(_ text: String) {
        guard let line = GuardLine(text) else { return }
        if case .worker(let process, _) = line, worker.descriptor < 0 {
            worker = (process, ProcessDescriptor.open(process))
            // It may be gone, and the number somebody else's: then the end of the input tells.
            if getppid() != process, worker.descriptor >= 0 {
                close(worker.descriptor)
                worker.descriptor = -1
            }
        }
        board.take(line, at: .now)
    }

    // MARK: - Killing

    /// Takes hold of the leaders of new groups, as long as the worker has not reaped them, and lets go of the others.
    private mutating func holdLeaders() {
        for (group, descriptor) in leaders where board.groups[group] == nil {
            if descriptor >= 0 { close(descriptor) }
            leaders[group] = nil
        }
        for group in board.groups.keys where leaders[group] == nil { leaders[group] = ProcessDescriptor.open(group) }
    }

    private func killGroup(_ group: Int32) -> Bool {
        // Its leader may be gone: reaped by the first process, since the worker is dead. The number of a group is free only when
        // all its members are gone; when a process bears it that is not the leader, the group is gone.
        if let leader = leaders[group], leader >= 0, !ProcessDescriptor.signal(leader, 0), kill(group, 0) == 0 {
            return false
        }
        return kill(-group, SIGKILL) == 0
    }

    /// Writes to the log, unless nobody reads it: a guard must never wait.
    private func tell(_ text: String) {
        var log = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        if poll(&log, 1, 0) > 0, log.revents & Int16(POLLOUT) != 0 { report(text) }
    }
}
