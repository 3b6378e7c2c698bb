import Execution

/// What a worker is and has, as its flags say.
struct WorkerTraits {
    var labels: [String: String]
    var secrets: Secrets
    var gpus: WorkerGPUs
}
