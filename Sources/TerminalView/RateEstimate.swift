import ExperimentModel

/// How many trials get their outcome in a minute, lately.
///
/// It looks back a minute, or further until it has seen ``wantedTrials`` outcomes, so that long trials have a rate as well.
/// Time in which no trial runs, because of a pause or for want of workers, does not count.
public struct RateEstimate: Sendable, Hashable {
    /// Time that it looks back at least.
    public static let window: Duration = .seconds(60)
    /// Outcomes that it wants to see before it forgets older ones.
    public static let wantedTrials = 10
    /// Time that has to pass before there is a rate at all.
    static let shortestSpan: Duration = .seconds(1)
    /// Closest samples in time; those between are left out, so that few are kept.
    static let spacing: Duration = .milliseconds(250)

    private struct Sample: Sendable, Hashable {
        var time: Duration
        var finished: Int
    }

    private var samples: [Sample] = []
    private var latest = 0
    private var idleTime = Duration.zero
    private var idleSince: Duration?

    /// Knows nothing yet.
    public init() {}

    /// Takes in how many trials have their outcome at a moment, given as the time since any fixed one.
    /// - Parameter isIdle: whether no trial runs.
    public mutating func note(finished: Int, at moment: Duration, isIdle: Bool = false) {
        // What came meanwhile was work.
        if let since = idleSince, finished == latest { idleTime += moment - since }
        idleSince = isIdle ? moment : nil
        let time = moment - idleTime
        // A trial that is tried again has no outcome any more: what came before tells little.
        if finished < latest { samples = [] }
        latest = finished
        guard let last = samples.last else {
            samples = [Sample(time: time, finished: finished)]
            return
        }
        if finished > last.finished, time - last.time >= Self.spacing {
            samples.append(Sample(time: time, finished: finished))
        }
        while samples.count > 2, samples[1].time <= time - Self.window,
            finished - samples[1].finished >= Self.wantedTrials
        {
            samples.removeFirst()
        }
    }

    /// The rate at a moment; `nil` until an outcome came while it looked.
    public func perMinute(at moment: Duration) -> Double? {
        let time = (idleSince ?? moment) - idleTime
        guard let first = samples.first, latest > first.finished else { return nil }
        let span = time - first.time
        guard span >= Self.shortestSpan else { return nil }
        return Double(latest - first.finished) / span.inSeconds * 60
    }
}
