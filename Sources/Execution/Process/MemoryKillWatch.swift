import Foundation
import Synchronization

/// Tells whether the kernel has killed processes for want of memory, by the counters that it keeps of that.
///
/// The kernel does not say whom it killed, so this is half of the evidence; the other half is a SIGKILL that nobody here sent.
final class MemoryKillWatch: Sendable {
    /// A file of lines such as `oom_kill 3`.
    struct Counter: Sendable, Hashable {
        var path: String
        /// Whose kills it counts, for messages.
        var scope: String
    }

    /// What the counters said at one moment, by path.
    typealias Reading = [String: Int64]

    /// A reading that is not older than this serves as what was there before an attempt: reading costs as much as many
    /// short attempts together would notice.
    static let largestAge: Duration = .seconds(1)
    private static let key = "oom_kill"

    private let counters: [Counter]
    private let last = Mutex<(reading: Reading, at: ContinuousClock.Instant)?>(nil)

    /// - Parameter counters: those of this process's control group and of the host unless a test has others.
    init(counters: [Counter] = MemoryKillWatch.countersOfThisProcess()) {
        self.counters = counters
    }

    /// A reading from before now, a moment old at most.
    func before(now: ContinuousClock.Instant = .now) -> Reading {
        last.withLock { last in
            if let last, last.at.duration(to: now) < Self.largestAge { return last.reading }
            let reading = read()
            last = (reading, now)
            return reading
        }
    }

    /// What was counted since a reading, in words; `nil` when nothing was.
    func news(since before: Reading) -> String? {
        let now = read()
        for counter in counters {
            guard let count = now[counter.path], let known = before[counter.path], count > known else { continue }
            let kills = count - known == 1 ? "an out-of-memory kill" : "\(count - known) out-of-memory kills"
            return "the kernel counted \(kills) \(counter.scope) (\(Self.key) in \(counter.path))"
        }
        return nil
    }

    private func read() -> Reading {
        var reading: Reading = [:]
        for counter in counters { reading[counter.path] = Self.value(in: counter.path) }
        return reading
    }

    private static func value(in path: String) -> Int64? {
        // Files of the kernel say that they have no length, so they are read to their end.
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int64(words[1]) }
        }
        return nil
    }

    // MARK: - Where they are

    /// The counters that are there to be read, the narrowest first.
    static func countersOfThisProcess() -> [Counter] {
        let groups = FileManager.default.contents(atPath: "/proc/self/cgroup") ?? Data()
        let candidates = candidates(groups: String(decoding: groups, as: UTF8.self))
        let own = candidates.first { value(in: $0) != nil }
            .map { Counter(path: $0, scope: "in the worker's control group") }
        let vmstat = "/proc/vmstat"
        let host = value(in: vmstat).map { _ in Counter(path: vmstat, scope: "on this host") }
        return [own, host].compactMap { $0 }
    }

    /// Files in which the counter of a control group may stand, by what `/proc/self/cgroup` says.
    ///
    /// In a container the group's path may be that of the host, while its files are at the root of what is mounted.
    static func candidates(groups: String) -> [String] {
        var paths: [String] = []
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { continue }
            let group = parts[2] == "/" ? "" : parts[2]
            if parts[0] == "0", parts[1].isEmpty {
                for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
                    for place in [group, ""] { paths.append("\(root)\(place)/memory.events") }
                }
            } else if parts[1].split(separator: ",").contains("memory") {
                for place in [group, ""] { paths.append("/sys/fs/cgroup/memory\(place)/memory.oom_control") }
            }
        }
        return paths
    }
}
