import APIContract
import CommandLineSupport
import ExperimentModel

/// Events as a person reads them.
enum EventText {
    /// `2026-11-21T10:53:44.142Z  trial 7  attempt 1 succeeded: loss=0.25`
    static func line(_ event: ExperimentEvent, of experiment: Experiment) -> String {
        let subject = event.trial.map { "trial \($0)" } ?? "experiment"
        let padding = String(repeating: " ", count: max(0, subjectWidth - subject.count))
        return TextTable.printable("\(event.at.text)  \(subject)\(padding)  \(text(event, experiment))")
    }

    private static let subjectWidth = "experiment".count

    private static func text(_ event: ExperimentEvent, _ experiment: Experiment) -> String {
        let attempt = "attempt \(event.attempt ?? 0)"
        let message = event.message ?? ""
        let worker = event.worker ?? "?"
        switch event.kind {
        case .created, .paused, .resumed: return event.kind.rawValue
        case .led: return "led by \(worker), \(message)"
        case .limitsChanged: return "limits changed: \(message)"
        case .pointEnqueued: return "point enqueued" + suffix(message)
        case .retryAsked: return "retry asked for"
        case .endingDecided: return "is to end: \(message)"
        case .ended: return message.isEmpty ? "ended" : message
        case .reopened: return "reopened"
        case .trialCreated: return "created" + (message.isEmpty ? "" : " from \(message)")
        case .claimed: return "\(attempt) claimed by \(worker) \(message)"
        case .stoppedEarly: return "\(attempt) is to stop early" + suffix(message)
        case .attemptEnded:
            let value = event.value.map { "\(experiment.definition.objective.metric)=\(Text.number($0))" }
            let cause = event.cause?.rawValue ?? "ended"
            if event.cause == .stoppedEarly, let value, !message.isEmpty {
                return "\(attempt) \(cause): \(value), \(message)"
            }
            return "\(attempt) \(cause)" + suffix(value ?? message)
        case .requeued: return "back to the queue" + suffix(message)
        case .trialCancelled: return "cancelled before it ran"
        }
    }

    private static func suffix(_ text: String) -> String { text.isEmpty ? "" : ": \(text)" }
}
