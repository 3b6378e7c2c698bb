import Coordination
import Execution
import ExperimentModel
import Logging

/// One attempt from its claim to its stored result.
extension WorkerRuntime {
    /// - Returns: how the attempt came to its end.
    func run(
        _ trial: Trial,
        _ claimed: ExperimentRotation.Entry,
        gpus: [String]? = nil
    ) async -> AttemptResult {
        // Another slot may have read the experiment again while the claim was on its way: its limits may be new.
        let entry = rotation.entries[trial.id.experiment] ?? claimed
        let definition = entry.experiment.definition
        let control = AttemptControl()
        controls[trial.id] = control
        begin(trial.id, control)
        if isStopping || isDrainOver { control.stop(.drained, immediately: true) }
        let request = AttemptRequest(
            trial: trial.id,
            attempt: trial.attempt,
            worker: worker.id,
            assignment: trial.assignment,
            definition: definition,
            limits: entry.experiment.limits,
            command: entry.command,
            gpus: gpus
        )
        board.began(
            trial.id,
            attempt: trial.attempt,
            timeoutSeconds: entry.experiment.limits.trialTimeoutSeconds
        )
        logger.debug("trial \(trial.id) attempt \(trial.attempt) begins")
        let uploader = uploads.add()
        defer { uploads.remove(uploader) }
        var result = ended(trial, await executor.run(request, control: control, sink: uploader))
        if controls[trial.id] === control { controls[trial.id] = nil }
        board.finishing(trial.id, attempt: trial.attempt)
        uploader.close()
        // Before the result: whoever hears that a trial is done finds its artifacts.
        if let complaint = await keepArtifacts(of: trial.id, trial.attempt, result.outcome, definition.artifacts) {
            result = result.adding(complaint)
        }
        await settle(result, of: trial, retries: definition.retries, uploader)
        board.released(trial.id, attempt: trial.attempt)
        lastBusy = clock.now
        return result
    }

    static func capped(_ arguments: [String]) -> [String] {
        var left = largestKeptArgumentBytes
        var kept: [String] = []
        for argument in arguments {
            guard left > 0 else { return kept + ["… (\(arguments.count - kept.count) more)"] }
            let isWhole = argument.utf8.count <= left
            kept.append(isWhole ? argument : String(decoding: argument.utf8.prefix(left), as: UTF8.self) + "…")
            left -= argument.utf8.count
        }
        return kept
    }
}
