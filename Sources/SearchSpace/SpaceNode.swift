public import OrderedCollections

/// A piece of a search space: hyperopt's nesting of dict, list, choice, distributions and constants.
public indirect enum SpaceNode: Sendable, Hashable {
    /// The same value in every trial.
    case constant(ParameterValue)
    /// A drawn value.
    case parameter(Parameter)
    /// Named pieces; keys are what a trial sees.
    case mapping(OrderedDictionary<String, SpaceNode>)
    /// Pieces in order.
    case list([SpaceNode])
}
