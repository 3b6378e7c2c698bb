import Coordination
import ExperimentModel

/// Answers of the store in short, for the trace.
enum StoreAnswer {
    static func text<Answer>(_ result: Result<Answer, any Error>) -> String {
        switch result {
        case .success(let answer): text(answer)
        case .failure(let error): "refused: \(error)"
        }
    }

    private static func text(_ answer: Any) -> String {
        switch answer {
        case is Void: "done"
        case let trial as Trial: text(trial)
        case let experiment as Experiment: text(experiment)
        case let lead as Lead: "epoch \(lead.epoch), \(text(lead.experiment))"
        case let result as FinishResult: "\(result)"
        case let trials as [Trial]: "[" + trials.map(text).joined(separator: ", ") + "]"
        case let held as [HeldTrial]:
            "["
                + held.map { "\($0.id) attempt \($0.attempt)\($0.order.map { " \($0)" } ?? "")" }.joined(
                    separator: ", "
                )
                + "]"
        case let numbers as Set<Int>: "known: \(numbers.sorted())"
        case let experiments as [Experiment]: "[" + experiments.map { "\($0.id)" }.joined(separator: ", ") + "]"
        case let workers as [Worker]: "[" + workers.map { "\($0.id)" }.joined(separator: ", ") + "]"
        case let optional as (any OptionalAnswer): optional.wrapped.map(text) ?? "nothing"
        default: "an answer"
        }
    }

    private static func text(_ trial: Trial) -> String {
        "trial \(trial.id.number) \(trial.state.name) attempt \(trial.attempt)"
    }

    private static func text(_ experiment: Experiment) -> String {
        let ending = experiment.ending.map { " (ends: \($0.reason.rawValue))" } ?? ""
        return "\(experiment.id) \(experiment.state.rawValue)\(ending), next trial \(experiment.nextTrial)"
    }
}

private protocol OptionalAnswer {
    var wrapped: Any? { get }
}

extension Optional: OptionalAnswer {
    fileprivate var wrapped: Any? { self }
}
