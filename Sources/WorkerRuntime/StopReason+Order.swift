import Execution
import ExperimentModel

extension StopReason {
    /// Why an attempt is stopped that its leader gave this order.
    init(_ order: TrialOrder) {
        switch order {
        case .drain: self = .drained
        case .stop: self = .stoppedEarly
        case .cancel: self = .cancelled
        }
    }
}
