import ExperimentModel
import Inspection

/// How long an experiment still takes, as far as anybody can know.
enum TimeLeft: Sendable, Hashable {
    /// By the rate of late or by `max_duration`, whichever ends first.
    case about(seconds: Double)
    /// Not longer than this, which `max_duration` allows; trials may be fewer.
    case atMost(seconds: Double)
    /// There is no rate yet.
    case unknown
    /// Nothing to wait for: it is paused, ends or has ended.
    case none

    init(_ snapshot: LiveSnapshot) {
        let experiment = snapshot.experiment
        let isGoing = experiment.state == .created || experiment.state == .running
        guard isGoing, experiment.ending == nil else {
            self = .none
            return
        }
        let byDuration = experiment.limits.maxDurationSeconds.map { max(0, $0 - (snapshot.activeSeconds ?? 0)) }
        var byRate: Double?
        if let most = experiment.limits.maxTrials, let rate = snapshot.ratePerMinute, rate > 0,
            snapshot.isOurRun || (snapshot.isLed && !snapshot.serving.isEmpty)
        {
            byRate = Double(max(0, most - snapshot.finished)) / rate * 60
        }
        switch (byRate, byDuration) {
        case (let rate?, let duration?): self = .about(seconds: min(rate, duration))
        case (let rate?, nil): self = .about(seconds: rate)
        case (nil, let duration?):
            self = experiment.limits.maxTrials == nil ? .about(seconds: duration) : .atMost(seconds: duration)
        case (nil, nil): self = .unknown
        }
    }

    /// `2m10s left`
    var text: String? {
        switch self {
        case .about(let seconds): "\(Phrase.span(seconds)) left"
        case .atMost(let seconds): "at most \(Phrase.span(seconds)) left"
        case .unknown: "? left"
        case .none: nil
        }
    }
}
