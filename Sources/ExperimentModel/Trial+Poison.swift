/// A trial that takes its workers down with it must not go round until it has met them all.
extension Trial {
    /// So many workers that vanished with a trial make it poison, if it never said a word.
    public static let poisonWorkers = 2

    /// The workers, each once, that had this trial when their lease ran out, the one that has it now last.
    ///
    /// Losses before a person asked for another attempt do not count, as they do not among ``charges``. Two workers on one
    /// host are two.
    public var workersIfLost: [WorkerID] {
        let earlier = attempts.filter { $0.outcome?.cause == .lost }.suffix(charges[.lost, default: 0])
        var workers: [WorkerID] = []
        for worker in earlier.map(\.worker) + [owner].compactMap({ $0 }) {
            workers.removeAll { $0 == worker }
            workers.append(worker)
        }
        return workers
    }

    /// Whether losing the current attempt makes it poison if no attempt has ever printed or reported anything.
    public var isPoisonUnlessHeard: Bool { workersIfLost.count >= Self.poisonWorkers }
}

extension AttemptOutcome {
    /// The last end of a trial that is poison.
    static func poison(_ trial: Trial) -> AttemptOutcome {
        let workers = trial.workersIfLost.map(\.rawValue).joined(separator: ", ")
        return AttemptOutcome(
            cause: .lost,
            message: "\(trial.workersIfLost.count) workers vanished while they ran it (\(workers)), and no attempt has "
                + "printed or reported anything: it may be what takes them down, so it is not repeated. Look into the kernel "
                + "logs of their hosts (out of memory?) and run its command by hand; `hyperserver retry "
                + "\(trial.id.experiment) \(trial.id.number)` gives it another attempt."
        )
    }

    /// The end of a trial whose attempts were lost once too often.
    static func lostForGood(_ outcome: AttemptOutcome, repeats: Int) -> AttemptOutcome {
        guard repeats > 0 else { return outcome }
        var outcome = outcome
        let used = repeats == 1 ? "The one repeat that it had is used up." : "Its \(repeats) repeats are used up."
        outcome.message = [outcome.message, used].compactMap { $0 }.joined(separator: " ")
        return outcome
    }
}
