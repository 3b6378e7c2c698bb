import ExperimentModel
import Foundation
import Glibc
import Synchronization

/// One thread that reads the output of all running attempts, watches for their ends and signals them.
///
/// Reading a pipe, looking at a metrics file and writing a log to disk may block for a moment; that must happen on none
/// of the threads on which Swift's tasks run, and a thread for each attempt would cost more than a short trial.
final class AttemptReactor: Sendable {
    private enum Message: Sendable {
        case supervise(UInt64, SupervisedProcess, SupervisionSettings, @Sendable (SupervisionReport) -> Void)
        case stop(UInt64, StopRequest)
        case setTimeout(UInt64, TimeoutChange)
        case shutdown
    }

    private struct Inbox {
        var messages: [Message] = []
        var lastToken: UInt64 = 0
    }

    private let core: Core

    /// Starts the thread; it ends when the reactor is released.
    ///
    /// - Throws: ``ExecutionError/noDescriptors(reason:)``.
    init() throws(ExecutionError) {
        core = try Core()
        Thread.detachNewThread { [core] in core.run() }
    }

    deinit { core.send(.shutdown) }

    /// A name for an attempt, under which it can be stopped.
    func makeToken() -> UInt64 {
        core.inbox.withLock { inbox in
            inbox.lastToken += 1
            return inbox.lastToken
        }
    }

    /// Reads and watches a process until it and its group have ended.
    ///
    /// The leader is left to be reaped by the caller; the reading ends are closed.
    /// - Parameter onEnd: called once, from the thread of the reactor, which it must not hold up. Whoever waits for it has to
    ///   hold the reactor.
    func supervise(
        _ process: SupervisedProcess,
        token: UInt64,
        settings: SupervisionSettings,
        onEnd: @escaping @Sendable (SupervisionReport) -> Void
    ) {
        core.send(.supervise(token, process, settings, onEnd))
    }

    /// Passes a request on; nothing happens when the attempt is not supervised (any more).
    func stop(_ token: UInt64, _ request: StopRequest) { core.send(.stop(token, request)) }

    /// Passes another time-out on; nothing happens when the attempt is not supervised (any more).
    func setTimeout(_ token: UInt64, _ change: TimeoutChange) { core.send(.setTimeout(token, change)) }

    // MARK: - The thread

    private final class Core: Sendable {
        private static let bufferBytes = 256 << 10
        private static let maximumWait: Int32 = 60_000
        /// Reads of an output when the time to read it is over: more than what the largest pipe holds.
        private static let readsAtEnd = 8
        /// Least time between two looks at files that were written: the first is looked at at once.
        private static let fileInterval: Duration = .milliseconds(5)

        /// What a watched descriptor is about.
        private enum Kind: Hashable { case output(LogChunk.Stream), exit }

        private final class Supervised {
            let monitor: AttemptMonitor
            let onEnd: @Sendable (SupervisionReport) -> Void
            var descriptors: [Kind: Int32]
            /// The number under which its directory is watched; -1 when it is not.
            var watch: Int32 = -1

            init(_ monitor: AttemptMonitor, _ onEnd: @escaping @Sendable (SupervisionReport) -> Void) {
                self.monitor = monitor
                self.onEnd = onEnd
                descriptors = [
                    .output(.stdout): monitor.process.standardOutput, .output(.stderr): monitor.process.standardError,
                ]
                if monitor.process.processDescriptor >= 0 { descriptors[.exit] = monitor.process.processDescriptor }
            }
        }

        let inbox = Mutex(Inbox())
        private let wake: OutputPipe

        init() throws(ExecutionError) {
            wake = try OutputPipe()
            // A full pipe wakes the thread as well as one more byte would.
            _ = fcntl(wake.write, F_SETFL, O_NONBLOCK)
        }

        deinit { wake.closeAll() }

        func send(_ message: Message) {
            inbox.withLock { $0.messages.append(message) }
            var byte: UInt8 = 0
            write(wake.write, &byte, 1)
        }

        // poll, not epoll: Swift's Glibc module does not show epoll, and a worker has tens of slots, not thousands.
        func run() {
            var supervised: [UInt64: Supervised] = [:]
            let files = DirectoryWatch()
            var nextFileLook = ContinuousClock.now
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferBytes, alignment: 16)
            defer { buffer.deallocate() }
            while true {
                var watched = [pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)]
                var meanings: [(attempt: Supervised, kind: Kind)] = []
                for attempt in supervised.values {
                    for (kind, descriptor) in attempt.descriptors {
                        watched.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
                        meanings.append((attempt, kind))
                    }
                }
                var deadline = supervised.values.map(\.monitor.nextDeadline).min()
                // A trial that writes all the time must not wake this thread each time.
                let looksAtFiles = files != nil && ContinuousClock.now >= nextFileLook
                if let files, looksAtFiles {
                    watched.append(pollfd(fd: files.descriptor, events: Int16(POLLIN), revents: 0))
                } else if files != nil, let next = deadline {
                    deadline = min(next, nextFileLook)
                }
                let timeout = Self.timeoutMilliseconds(until: deadline)
                if poll(&watched, nfds_t(watched.count), timeout) > 0 {
                    if watched[0].revents != 0 { read(wake.read, buffer.baseAddress, buffer.count) }
                    handle(zip(watched.dropFirst(), meanings).filter { $0.0.revents != 0 }.map(\.1), buffer)
                    if let files, looksAtFiles, let last = watched.last, last.revents != 0 {
                        nextFileLook = .now + Self.fileInterval
                        look(at: files.changes(), supervised)
                    }
                }
                guard takeMessages(&supervised, files) else { return }
                let now = ContinuousClock.now
                for (token, attempt) in supervised {
                    if attempt.monitor.nextDeadline <= now {
                        if attempt.monitor.isDraining { readRest(of: attempt, buffer) }
                        attempt.monitor.timeReached(now)
                    }
                    if let report = attempt.monitor.report {
                        for kind in attempt.descriptors.keys { forget(kind, of: attempt) }
                        if attempt.watch >= 0 { files?.remove(attempt.watch) }
                        supervised[token] = nil
                        attempt.onEnd(report)
                    }
                }
            }
        }

        private func look(at changes: DirectoryWatch.Changes, _ supervised: [UInt64: Supervised]) {
            for attempt in supervised.values where changes.isIncomplete || changes.watches.contains(attempt.watch) {
                attempt.monitor.filesChanged(at: .now)
            }
        }

        /// Standard output first, then standard error, then ends, so that what was printed is read before an end counts.
        private func handle(_ ready: [(attempt: Supervised, kind: Kind)], _ buffer: UnsafeMutableRawBufferPointer) {
            for kind in [Kind.output(.stdout), .output(.stderr), .exit] {
                for event in ready where event.kind == kind { handle(kind, of: event.attempt, buffer) }
            }
        }

        /// Reads what was printed before the end, even when this thread was kept from it until the time was over.
        private func readRest(of attempt: Supervised, _ buffer: UnsafeMutableRawBufferPointer) {
            for kind in [Kind.output(.stdout), .output(.stderr)] {
                for _ in 0..<Self.readsAtEnd { handle(kind, of: attempt, buffer) }
            }
        }

        private func handle(_ kind: Kind, of attempt: Supervised, _ buffer: UnsafeMutableRawBufferPointer) {
            guard let descriptor = attempt.descriptors[kind] else { return }
            let now = ContinuousClock.now
            guard case .output(let stream) = kind else {
                forget(.exit, of: attempt)
                return attempt.monitor.leaderExited(at: now)
            }
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                attempt.monitor.output(UnsafeRawBufferPointer(rebasing: buffer[..<count]), of: stream, at: now)
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                forget(kind, of: attempt)
                attempt.monitor.outputEnded(stream)
            }
        }

        /// Returns whether to go on.
        private func takeMessages(_ supervised: inout [UInt64: Supervised], _ files: DirectoryWatch?) -> Bool {
            let messages = inbox.withLock { inbox in
                defer { inbox.messages = [] }
                return inbox.messages
            }
            for message in messages {
                switch message {
                case .supervise(let token, let process, let settings, let onEnd):
                    let attempt = Supervised(AttemptMonitor(process, settings, at: .now), onEnd)
                    supervised[token] = attempt
                    if let files {
                        attempt.watch = files.add(settings.directory.path)
                        // What was written before it was watched.
                        attempt.monitor.filesChanged(at: .now)
                    }
                case .stop(let token, let request): supervised[token]?.monitor.stop(request, at: .now)
                case .setTimeout(let token, let change): supervised[token]?.monitor.setTimeout(change, at: .now)
                // Whoever awaits a report holds the reactor, so there is nothing left to supervise.
                case .shutdown: return false
                }
            }
            return true
        }

        /// Stops watching, and closes what is ours; the pidfd is not.
        private func forget(_ kind: Kind, of attempt: Supervised) {
            guard let descriptor = attempt.descriptors.removeValue(forKey: kind), kind != .exit else { return }
            close(descriptor)
        }

        private static func timeoutMilliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
            guard let deadline else { return maximumWait }
            // Rounded up: waking a little early would only spin.
            let milliseconds = ContinuousClock.now.duration(to: deadline).wholeMilliseconds + 1
            return min(maximumWait, Int32(clamping: max(0, milliseconds)))
        }
    }
}
