import ExperimentModel
import Foundation
import Glibc

/// The name and the labels by which a container of ours is known.
struct ContainerIdentity: Sendable, Hashable {
    /// `hyper-es1a2b3c4-17-2-0123456789abcdef`: experiment, trial, attempt, and a hash of the worker.
    let name: String
    /// What `inspect` shows of it, and what tells whether its worker lives.
    let labels: [String: String]

    static let workerLabel = "hyper.worker"
    static let hostLabel = "hyper.host"
    static let ownerLabel = "hyper.owner"
    static let experimentLabel = "hyper.experiment"
    static let trialLabel = "hyper.trial"
    static let attemptLabel = "hyper.attempt"

    init(_ trial: TrialID, attempt: Int, worker: WorkerID, host: String, owner: ProcessIdentity) {
        name = "hyper-\(trial.experiment)-\(trial.number)-\(attempt)-\(Self.hash(worker.rawValue))"
        labels = [
            Self.workerLabel: worker.rawValue, Self.hostLabel: host, Self.ownerLabel: owner.text,
            Self.experimentLabel: trial.experiment.rawValue, Self.trialLabel: String(trial.number),
            Self.attemptLabel: String(attempt),
        ]
    }

    /// FNV-1a of 64 bits: short names for things that need not be secret.
    static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// A process of some host, told from every other one that there ever was.
struct ProcessIdentity: Sendable, Hashable {
    /// The start of the machine.
    var boot: String
    /// The numbering that its id belongs to: containers have their own.
    var namespace: String
    var process: Int32
    /// When it started, in ticks since the start of the machine.
    var startTicks: String

    /// This process; `nil` where the system does not tell.
    static func current() -> ProcessIdentity? {
        guard let here = place(), let ticks = startTicks(of: getpid()) else { return nil }
        return ProcessIdentity(boot: here.boot, namespace: here.namespace, process: getpid(), startTicks: ticks)
    }

    var text: String { "\(boot) \(namespace) \(process) \(startTicks)" }

    init(boot: String, namespace: String, process: Int32, startTicks: String) {
        self.boot = boot
        self.namespace = namespace
        self.process = process
        self.startTicks = startTicks
    }

    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 4, let process = Int32(words[2]), process > 0 else { return nil }
        self.init(boot: words[0], namespace: words[1], process: process, startTicks: words[3])
    }

    /// Whether it is certain that the process has ended, as seen from a place.
    /// - Parameter ticks: when the process of a number started; `nil`: there is none.
    func hasEnded(seenFrom here: (boot: String, namespace: String), ticks: (Int32) -> String?) -> Bool {
        if boot != here.boot { return true }
        guard namespace == here.namespace else { return false }
        return ticks(process) != startTicks
    }

    /// The start of this machine and the numbering of processes that this one sees.
    static func place() -> (boot: String, namespace: String)? {
        guard let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") else { return nil }
        var status = stat()
        guard stat("/proc/self/ns/pid", &status) == 0 else { return nil }
        return (String(decoding: boot.filter { $0 > 0x20 }, as: UTF8.self), String(status.st_ino))
    }

    /// When a process started, in ticks; `nil` when there is none of that number.
    static func startTicks(of process: Int32) -> String? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        // Its name may hold anything, also blanks and parentheses.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let words = text[end...].split(separator: " ")
        // The 22nd of all, of which two stand before.
        return words.count > 20 ? String(words[20]) : nil
    }
}
