import ExperimentModel
import Glibc

/// What a worker tells its guard, one line each, on the guard's standard input.
///
/// A guard passes over lines that it does not know. The end of the input without ``goodbye`` means that the worker died.
enum GuardLine: Sendable, Hashable {
    /// The first line: the process of the worker and its id, which is in the environment of its trials.
    case worker(process: Int32, id: String)
    /// An attempt must be over by a moment; again for a new moment. Said before its process starts.
    case attempt(GuardedAttempt, end: BootInstant)
    /// A process group of the worker has begun, perhaps of such an attempt.
    case group(Int32, GuardedAttempt?)
    /// The group has been killed, and its leader will be reaped: its number may soon be somebody else's.
    case forget(Int32)
    /// A container is about to be made, perhaps of such an attempt.
    case container(GuardedContainer, GuardedAttempt?)
    /// The container of that name has been removed.
    case gone(String)
    /// Nothing of the attempt is running any more.
    case done(GuardedAttempt)
    /// The worker leaves in order, and all its trials have ended.
    case goodbye

    /// Longest line that is read, in bytes; a worker's id holds the name of its host.
    static let maximumBytes = 1024

    /// The line without its end.
    var text: String {
        switch self {
        case .worker(let process, let id): "worker \(process) \(id)"
        case .attempt(let attempt, let end): "attempt \(attempt) \(end.milliseconds)"
        case .group(let group, let attempt): attempt.map { "group \(group) \($0)" } ?? "group \(group)"
        case .forget(let group): "forget \(group)"
        case .container(let container, let attempt): "container \(container) \(attempt.map { "\($0)" } ?? "-")"
        case .gone(let name): "gone \(name)"
        case .done(let attempt): "done \(attempt)"
        case .goodbye: "goodbye"
        }
    }

    /// Reads a line without its end; `nil` for one that says nothing to this guard.
    init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        func group() -> Int32? { words.count > 1 ? Int32(words[1]).flatMap { $0 > 1 ? $0 : nil } : nil }
        func attempt(_ index: Int) -> GuardedAttempt? { words.count > index ? GuardedAttempt(words[index]) : nil }
        switch words.first {
        case "worker":
            guard let process = group(), words.count == 3 else { return nil }
            self = .worker(process: process, id: words[2])
        case "attempt":
            guard let attempt = attempt(1), words.count == 3, let end = Int64(words[2]) else { return nil }
            self = .attempt(attempt, end: BootInstant(milliseconds: end))
        case "group":
            guard let group = group() else { return nil }
            self = .group(group, attempt(2))
        case "forget":
            guard let group = group() else { return nil }
            self = .forget(group)
        case "done":
            guard let attempt = attempt(1) else { return nil }
            self = .done(attempt)
        case "container":
            guard let last = text.lastIndex(of: " "), let first = text.firstIndex(of: " "), first < last,
                let container = GuardedContainer(String(text[text.index(after: first)..<last]))
            else { return nil }
            let rest = text[text.index(after: last)...]
            guard rest != "-" else {
                self = .container(container, nil)
                return
            }
            guard let attempt = GuardedAttempt(String(rest)) else { return nil }
            self = .container(container, attempt)
        case "gone":
            guard words.count == 2, GuardedContainer.isName(words[1]) else { return nil }
            self = .gone(words[1])
        case "goodbye": self = .goodbye
        default: return nil
        }
    }
}

/// An attempt as its processes know it by their environment: `es1a2b3c4/17/2`.
struct GuardedAttempt: Sendable, Hashable, CustomStringConvertible {
    var trial: TrialID
    var number: Int

    var description: String { "\(trial)/\(number)" }

    init(_ trial: TrialID, attempt: Int) {
        self.trial = trial
        number = attempt
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 3, let trial = Int(parts[1]), let number = Int(parts[2]) else { return nil }
        self.init(TrialID(experiment: ExperimentID(String(parts[0])), number: trial), attempt: number)
    }

    /// The variables that every process of a worker's attempts has from its birth.
    static func mark(worker: String) -> String { "HYPER_WORKER_ID=\(worker)" }

    /// The variables that every process of the attempt has from its birth.
    func marks(worker: String) -> [String] {
        [
            Self.mark(worker: worker), "HYPER_EXPERIMENT_ID=\(trial.experiment)", "HYPER_TRIAL_ID=\(trial.number)",
            "HYPER_ATTEMPT=\(number)",
        ]
    }
}
