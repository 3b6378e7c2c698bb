public import ExperimentModel
import Samplers

/// The trial with which an experiment begins, made as its leader will make it.
public enum FirstTrial {
    /// Trial 1 of a definition; nothing is stored.
    /// - Throws: what would keep a leader from making it.
    public static func make(of definition: ExperimentDefinition) throws -> Trial? {
        let start = Timestamp(milliseconds: 0)
        let experiment = Experiment(id: ExperimentID("preview"), definition: definition, createdAt: start)
        let ledger = TrialLedger(objective: definition.objective)
        let sampler = try SamplerFactory.makeSampler(for: definition)
        let maker = TrialMaker(definition, sampler: sampler)
        let remaining = sampler.remaining(history: ledger.history)
        return try maker.trials([1], of: experiment, ledger, remaining: remaining, now: start).first
    }
}
