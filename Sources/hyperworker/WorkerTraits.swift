import Execution
import ExperimentModel

/// What a worker is and has, as its flags say.
struct WorkerTraits {
    var labels: [String: String]
    /// `nil`: found out when a trial needs it.
    var runtime: TrialRuntime?
    var secrets: Secrets
    var gpus: WorkerGPUs
}
