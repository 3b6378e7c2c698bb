import CommandLineSupport
import Coordination
import ExperimentModel

/// Plain lines about an experiment's progress, one when something has changed.
struct Progress {
    /// Time between two looks.
    static let interval: Duration = .seconds(2)

    private let store: any TrialStore
    private let id: ExperimentID
    private let metric: String
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var finishedBefore: Int?
    private var lastLine = ""

    init(store: any TrialStore, experiment: Experiment) {
        self.store = store
        id = experiment.id
        metric = experiment.definition.objective.metric
        start = clock.now
    }

    /// Prints until the task is cancelled.
    mutating func run() async {
        while !Task.isCancelled {
            // The store may be away for a while: progress is then told later.
            if let line = try? await line(), line != lastLine {
                Console.print(line)
                lastLine = line
            }
            // Cancelling ends the sleep, and the condition ends the loop.
            try? await clock.sleep(for: Self.interval)
        }
    }

    private mutating func line() async throws -> String {
        let counts = try await store.trialCounts(of: id)
        let finished = counts.filter { $0.key.isTerminal }.values.reduce(0, +)
        let before = finishedBefore ?? finished
        finishedBefore = before
        var parts = [Text.counts(counts)]
        if let best = try await store.bestTrial(of: id), let value = best.value {
            parts.append("best \(metric)=\(Text.number(value)) (trial \(best.id.number))")
        }
        let seconds = start.duration(to: clock.now).inSeconds
        if finished > before, seconds > 0 {
            let perMinute = Double(finished - before) / seconds * 60
            parts.append("\(Int(perMinute.rounded())) trials/min")
        }
        return parts.joined(separator: "  |  ")
    }
}
