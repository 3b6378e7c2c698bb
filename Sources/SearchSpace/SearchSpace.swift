public import OrderedCollections

/// The set of allowed assignments: a mapping from parameter keys to nodes, checked once when made.
public struct SearchSpace: Sendable, Hashable {
    /// Levels of mappings, lists and options that a space may nest.
    public static let maximumDepth = 32
    /// Parameters that a space may have.
    public static let maximumParameters = 10_000

    /// What the trial's keys stand for, in the written order.
    public let root: OrderedDictionary<String, SpaceNode>

    /// Every parameter of the space at any depth, keyed by label, outer before inner, in the written order.
    public let parameters: OrderedDictionary<String, Parameter>

    /// The option that must be chosen for a parameter to be active, of those that stand inside one.
    let enclosing: [String: EnclosingOption]

    /// All labels in an order in which whatever decides that a label is active comes before it.
    let activationOrder: [String]

    /// A space, checked.
    ///
    /// Constants that are whole doubles below 2⁵³ become integers, as a trial sees them.
    /// - Throws: the first of ``problems(in:)``.
    public init(root: OrderedDictionary<String, SpaceNode>) throws(SearchSpaceError) {
        var checked = SpaceCheck(root: root)
        if let problem = checked.problems.first { throw problem }
        self.root = root.mapValues(\.canonical)
        if self.root != root { checked = SpaceCheck(root: self.root) }
        parameters = checked.parameters
        enclosing = checked.enclosing
        activationOrder = checked.activationOrder
    }

    /// Everything that is wrong with a space; empty when ``init(root:)`` accepts it.
    ///
    /// Where an error is about a parameter it names its label (``SearchSpaceError/label``).
    public static func problems(in root: OrderedDictionary<String, SpaceNode>) -> [SearchSpaceError] {
        SpaceCheck(root: root).problems
    }
}

/// An option of a choice, seen from a parameter inside it.
struct EnclosingOption: Sendable, Hashable {
    /// Label of the choice.
    var choice: String
    /// Index of the option.
    var option: Int
}
