import SearchSpace

/// Why a sampler cannot be made, or has no suggestion.
public enum SamplerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A grid over parameters with infinitely many values.
    case infiniteGrid(labels: [String])
    /// Every point of the search space was suggested.
    case exhausted

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .infiniteGrid(let labels): SearchSpaceError.infiniteSpace(labels: labels).description
        case .exhausted: "every point of the search space was suggested already; widen the space to go on"
        }
    }
}
