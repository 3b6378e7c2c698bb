import ExperimentModel
import SearchSpace

/// Makes the environment of trials from that of the worker.
///
/// The worker's own variables are inherited without those that reach the store; the experiment's `env:` comes on top,
/// and what the contract promises on top of that.
public struct TrialEnvironment: Sendable {
    /// The kernel takes no single string longer than this in an environment, its NUL included (`MAX_ARG_STRLEN`).
    ///
    /// An assignment that does not fit is not in `HYPER_PARAMS`; the file at `HYPER_PARAMS_FILE` is always there.
    public static let maximumStringBytes = 128 << 10

    /// Variables of the worker that no trial sees, by prefix: they lead to the store.
    private static let hiddenPrefixes = ["HYPER_MONGO_URI", "HYPER_DATA_DIR"]

    /// Variables that are set where nobody else has set them.
    private static let trialVariables = ["TF_CONFIG", "CLOUD_ML_JOB_ID"]

    private let inherited: [String: String]
    private let programDirectory: String?

    /// The environment from which trials inherit, usually that of the worker.
    /// - Parameter programDirectory: what is added to the end of `PATH`, so that trials find our programs.
    public init(inherited: [String: String], programDirectory: String? = nil) {
        var kept = Self.withoutSecrets(inherited)
        // A worker that is itself part of a trial: what that was told of itself is not true of its own trials.
        if kept["HYPER_TRIAL_ID"] != nil { for name in Self.trialVariables { kept[name] = nil } }
        self.inherited = kept
        self.programDirectory = programDirectory
    }

    /// What of an environment any process that a worker starts may see.
    static func withoutSecrets(_ variables: [String: String]) -> [String: String] {
        variables.filter { name, value in
            // A process may hold what no process can be given; one odd variable must not fail every trial.
            isValid(name: name, value: value) && !hiddenPrefixes.contains { name.hasPrefix($0) }
        }
    }

    /// The variables of one attempt.
    ///
    /// - Parameter parameters: the assignment as JSON.
    /// - Throws: ``ExecutionError/invalidVariable(name:)`` for an entry of `env:` that no process can be given.
    func variables(
        for request: AttemptRequest,
        directory: AttemptDirectory,
        parameters: String
    ) throws(ExecutionError) -> [String: String] {
        var variables = inherited
        for (name, value) in request.definition.environment.merging(request.extraEnvironment, uniquingKeysWith: { $1 })
        {
            guard Self.isValid(name: name, value: value) else { throw ExecutionError.invalidVariable(name: name) }
            variables[name] = value
        }
        variables["HYPER_EXPERIMENT_ID"] = request.trial.experiment.rawValue
        variables["HYPER_TRIAL_ID"] = String(request.trial.number)
        variables["HYPER_ATTEMPT"] = String(request.attempt)
        variables["HYPER_WORKER_ID"] = request.worker.rawValue
        variables["HYPER_PARAMS_FILE"] = directory.parametersFile
        variables["HYPER_METRICS_FILE"] = directory.metricsFile
        variables["HYPER_OUTPUT_DIR"] = directory.outputDirectory
        variables["CLOUD_ML_TRIAL_ID"] = String(request.trial.number)
        variables["CLOUD_ML_HP_METRIC_FILE"] = directory.hypertuneFile
        if variables["CLOUD_ML_JOB_ID"] == nil {
            variables["CLOUD_ML_JOB_ID"] = request.trial.experiment.rawValue
        }
        if variables["TF_CONFIG"] == nil { variables["TF_CONFIG"] = Self.tensorFlowConfiguration(request.trial) }
        if let gpus = request.gpus { variables["CUDA_VISIBLE_DEVICES"] = gpus.joined(separator: ",") }
        addProgramDirectory(to: &variables)
        let length = "HYPER_PARAMS=".utf8.count + parameters.utf8.count + 1
        variables["HYPER_PARAMS"] = length <= Self.maximumStringBytes ? parameters : nil
        return variables
    }

    /// What Cloud ML gave a trial on one machine; the number is a text there, which published trainers rely on.
    private static func tensorFlowConfiguration(_ trial: TrialID) -> String {
        let task = #"{"type": "master", "index": 0, "trial": "\#(trial.number)"}"#
        return #"{"cluster": {}, "task": \#(task), "job": {}, "environment": "cloud"}"#
    }

    /// At its end, so that nothing that a trial found before is another program now.
    private func addProgramDirectory(to variables: inout [String: String]) {
        guard let programDirectory, let path = variables["PATH"], !path.isEmpty, !programDirectory.contains(":"),
            !path.split(separator: ":").contains(programDirectory[...])
        else { return }
        variables["PATH"] = "\(path):\(programDirectory)"
    }

    private static func isValid(name: String, value: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "=") } && !value.utf8.contains(0)
    }
}
