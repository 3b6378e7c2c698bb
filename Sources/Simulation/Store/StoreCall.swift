import Coordination
import ExperimentModel

/// One call to the store, as much as those need to know who judge what it did.
enum StoreCall: Sendable {
    case read(String)
    /// Changes neither experiments nor trials.
    case aside(String)
    case create(ExperimentID)
    case requestEnd(ExperimentID, ExperimentEnding)
    case setPaused(ExperimentID, Bool)
    case replaceLimits(ExperimentID, from: Limits, to: Limits)
    case enqueue(ExperimentID, EnqueuedPoint)
    case retry(TrialID)
    case takeLead(ExperimentID, leader: String)
    case renewLead(Lead)
    case releaseLead(Lead)
    case change(ExperimentChange, Lead)
    case reserve(Int, Lead)
    case insert(ExperimentID, [Trial])
    case expire(Lead)
    case cancelNew(Lead, only: [Int]?)
    case order(Lead)
    case stop(Lead, [Int: EarlyStop])
    case carryOutRetries(Lead)
    case claim(ExperimentID, WorkerID)
    case renewLeases(WorkerID)
    case finish(Trial, AttemptOutcome)

    /// The lead whose epoch is the fence of this write.
    var lead: Lead? {
        switch self {
        case .change(_, let lead), .reserve(_, let lead), .expire(let lead), .cancelNew(let lead, _), .order(let lead),
            .stop(let lead, _), .carryOutRetries(let lead):
            lead
        default: nil
        }
    }

    /// The experiments that it may change; `nil` means any.
    var experiment: ExperimentID? {
        switch self {
        case .create(let id), .requestEnd(let id, _), .setPaused(let id, _), .replaceLimits(let id, _, _),
            .enqueue(let id, _), .takeLead(let id, _), .insert(let id, _), .claim(let id, _):
            id
        case .retry(let trial): trial.experiment
        case .finish(let trial, _): trial.id.experiment
        case .renewLead(let lead), .releaseLead(let lead): lead.id
        case .read, .aside, .renewLeases: nil
        default: lead?.id
        }
    }

    var isRead: Bool {
        switch self {
        case .read, .aside: true
        default: false
        }
    }

    /// For the trace.
    var text: String {
        switch self {
        case .read(let name), .aside(let name): name
        case .create(let id): "create \(id)"
        case .requestEnd(let id, let ending): "requestEnd \(id) \(ending.reason.rawValue)"
        case .setPaused(let id, let isPaused): "\(isPaused ? "pause" : "resume") \(id)"
        case .replaceLimits(let id, let old, let new):
            "replaceLimits \(id): \(old.changes(to: new).joined(separator: ", "))"
        case .enqueue(let id, let point): "enqueue \(id) \(point.id)"
        case .retry(let id): "retry \(id)"
        case .takeLead(let id, let leader): "takeLead \(id) as \(leader)"
        case .renewLead(let lead): "renewLead \(lead.id) epoch \(lead.epoch)"
        case .releaseLead(let lead): "releaseLead \(lead.id) epoch \(lead.epoch)"
        case .change(let change, let lead): "change \(lead.id) epoch \(lead.epoch): \(Self.text(change))"
        case .reserve(let count, let lead): "reserve \(lead.id) epoch \(lead.epoch): \(count)"
        case .insert(let id, let trials): "insert \(id): \(trials.map { "\($0.id.number)" }.joined(separator: " "))"
        case .expire(let lead): "expireLeases \(lead.id) epoch \(lead.epoch)"
        case .cancelNew(let lead, let only):
            "cancelNew \(lead.id) epoch \(lead.epoch): \(only.map { "\($0)" } ?? "all")"
        case .order(let lead): "order \(lead.id) epoch \(lead.epoch)"
        case .stop(let lead, let stops):
            "stop \(lead.id) epoch \(lead.epoch): "
                + stops.sorted { $0.key < $1.key }.map { "\($0.key).\($0.value.attempt)" }.joined(separator: " ")
        case .carryOutRetries(let lead): "carryOutRetries \(lead.id) epoch \(lead.epoch)"
        case .claim(let id, _): "claim \(id)"
        case .renewLeases: "renewLeases"
        case .finish(let trial, let outcome):
            "finish \(trial.id) attempt \(trial.attempt): \(outcome.cause.rawValue) \(outcome.value.map { "\($0)" } ?? "")"
        }
    }

    private static func text(_ change: ExperimentChange) -> String {
        switch change {
        case .begin: "begin"
        case .markStarted: "markStarted"
        case .decide(let ending): "decide \(ending.state.rawValue) \(ending.reason.rawValue)"
        case .finish: "finish"
        }
    }
}
