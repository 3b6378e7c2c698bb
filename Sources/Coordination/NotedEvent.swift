public import ExperimentModel
import SearchSpace

/// An event that no document tells, as a store keeps it: what it is, and the name under which repeating it changes nothing.
public struct NotedEvent: Sendable, Hashable {
    /// The experiment.
    public var experiment: ExperimentID
    /// Unique in the experiment, and the same when the same change is told again.
    public var key: String
    /// What happened.
    public var kind: ExperimentEvent.Kind
    /// When; `nil` means now, by the store's clock.
    public var at: Timestamp?
    /// The trial that it concerns.
    public var trial: Int?
    /// Who did it.
    public var worker: String?
    /// What a person wants to know.
    public var message: String?

    /// Longest message that is kept, in characters.
    public static let largestMessage = 4000
    /// Most events that a store returns of one experiment: the newest.
    public static let largestCount = 20_000

    private init(
        _ kind: ExperimentEvent.Kind,
        of experiment: ExperimentID,
        key: String,
        at: Timestamp? = nil,
        trial: Int? = nil,
        worker: String? = nil,
        message: String? = nil
    ) {
        self.kind = kind
        self.experiment = experiment
        self.key = "\(kind.rawValue):\(key)"
        self.at = at
        self.trial = trial
        self.worker = worker
        self.message = message.map { String($0.prefix(Self.largestMessage)) }
    }

    /// The event with its time.
    public func event(at time: Timestamp) -> ExperimentEvent {
        ExperimentEvent(kind, at: at ?? time, trial: trial, worker: worker, message: message)
    }

    /// Somebody took the lead with a new epoch.
    public static func led(_ lead: Lead) -> NotedEvent {
        NotedEvent(
            .led,
            of: lead.id,
            key: "\(lead.epoch)",
            at: lead.renewedAt,
            worker: lead.experiment.lead?.leader,
            message: "epoch \(lead.epoch)"
        )
    }

    /// A person paused the experiment; `nil` unless it is paused.
    public static func paused(_ experiment: Experiment) -> NotedEvent? {
        guard experiment.state == .paused, let at = experiment.pausedAt else { return nil }
        return NotedEvent(.paused, of: experiment.id, key: "\(at.milliseconds)", at: at)
    }

    /// A person let a paused experiment go on.
    public static func resumed(_ experiment: ExperimentID, at now: Timestamp) -> NotedEvent {
        NotedEvent(.resumed, of: experiment, key: "\(now.milliseconds)", at: now)
    }

    /// A person changed limits; `experiment` is as it was after that.
    public static func limitsChanged(from old: Limits, _ experiment: Experiment) -> NotedEvent {
        NotedEvent(
            .limitsChanged,
            of: experiment.id,
            key: "\(experiment.revision)",
            message: old.changes(to: experiment.limits).joined(separator: ", ")
        )
    }

    /// A person added a point.
    public static func enqueued(_ point: EnqueuedPoint, _ experiment: ExperimentID) -> NotedEvent {
        let values = point.values.values.map { "\($0)=\(ParameterValue($1).json)" }
        return NotedEvent(
            .pointEnqueued,
            of: experiment,
            key: point.id,
            message: values.isEmpty ? nil : values.joined(separator: " ")
        )
    }

    /// A person asked for another attempt of a trial, which then had this version.
    public static func retryAsked(_ trial: TrialID, version: Int) -> NotedEvent {
        NotedEvent(.retryAsked, of: trial.experiment, key: "\(trial.number):\(version)", trial: trial.number)
    }

    /// An end was decided; `nil` unless `experiment` is about to end like that.
    public static func decided(_ ending: ExperimentEnding, _ experiment: Experiment) -> NotedEvent? {
        guard experiment.isWindingDown, experiment.ending == ending else { return nil }
        let message = ending.message.map { ": \($0)" } ?? ""
        return NotedEvent(
            .endingDecided,
            of: experiment.id,
            key: "\(experiment.revision)",
            message: ending.summary + message
        )
    }

    /// The experiment reached its terminal state; `nil` unless it has.
    public static func ended(_ experiment: Experiment) -> NotedEvent? {
        guard experiment.state.isTerminal, let at = experiment.finishedAt else { return nil }
        return NotedEvent(
            .ended,
            of: experiment.id,
            key: "\(at.milliseconds)",
            at: at,
            message: experiment.ending?.summary
        )
    }

    /// A person made the experiment go on after its end.
    public static func reopened(_ experiment: Experiment) -> NotedEvent? {
        guard let at = experiment.reopenedAt else { return nil }
        return NotedEvent(.reopened, of: experiment.id, key: "\(at.milliseconds)", at: at)
    }
}
