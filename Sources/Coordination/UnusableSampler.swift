import ExperimentModel
import Samplers
import SearchSpace

/// Stands in for a sampler that a stored definition asks for and that cannot be made: every suggestion fails with the reason,
/// so that the experiment fails and says so.
struct UnusableSampler: Sampler {
    /// Why the sampler cannot be made.
    var reason: any Error

    var learnsFromResults: Bool { false }

    func suggest(trial: Int, history: TrialHistory) throws -> Suggestion { throw reason }

    func remaining(history: TrialHistory) -> Int? { nil }

    /// The sampler of a definition, or its stand-in.
    static func makeSampler(for definition: ExperimentDefinition) -> any Sampler {
        do throws(SamplerError) {
            return try SamplerFactory.makeSampler(for: definition)
        } catch {
            return UnusableSampler(reason: error)
        }
    }
}
