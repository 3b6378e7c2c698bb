import ExperimentModel

/// What really ran: every execution of an attempt, kept beside the store so that it can be compared with it.
final class Journal: Sendable {
    /// One execution.
    struct Entry: Sendable {
        var trial: TrialID
        var attempt: Int
        var worker: WorkerID
        var begin: Duration
        var end: Duration?
        /// Observations that its worker was given.
        var reports = 0
        /// The objective that it reported, if it came to that.
        var value: Double?
    }

    private let entries = Confined<[Entry]>([])
    private let loop: SimulationLoop

    init(loop: SimulationLoop) { self.loop = loop }

    /// - Returns: the place of the entry.
    func begin(_ trial: TrialID, attempt: Int, by worker: WorkerID) -> Int {
        entries.value.append(Entry(trial: trial, attempt: attempt, worker: worker, begin: loop.now))
        return entries.value.count - 1
    }

    func report(_ place: Int) { entries.value[place].reports += 1 }

    func end(_ place: Int, value: Double?) {
        entries.value[place].end = loop.now
        entries.value[place].value = value
    }

    var all: [Entry] { entries.value }

    /// Executions of one attempt; there should be one at most.
    func executions(of trial: TrialID, attempt: Int) -> [Entry] {
        entries.value.filter { $0.trial == trial && $0.attempt == attempt }
    }

    /// Executions that go on.
    var open: [Entry] { entries.value.filter { $0.end == nil } }
}
