import OrderedCollections

/// All suggestions of a finite search space in a fixed order, made one after the other.
///
/// Parameters are in the written order, the last the fastest; one whose condition names a later parameter follows that one.
/// Values ascend, options are in the written order. Inactive parameters do not count: each active combination comes once.
/// ``SearchSpace/cardinality`` tells how many there are.
public struct SpaceGrid: Sendable {
    private let space: SearchSpace
    /// Labels from the slowest to the fastest; whatever decides about one stands before it.
    private let order: [String]

    /// The grid of a space.
    /// - Throws: ``SearchSpaceError/infiniteSpace(labels:)``.
    public init(_ space: SearchSpace) throws(SearchSpaceError) {
        let infinite = space.parameters.values.filter { $0.domain.lastGridIndex == nil }.map(\.label)
        if !infinite.isEmpty { throw .infiniteSpace(labels: infinite) }
        self.space = space
        order = space.decisionOrder
    }

    /// The first point: every active parameter has its first value.
    public var first: Suggestion {
        var values: [String: LabelValue] = [:]
        fill(order[...], into: &values)
        return suggestion(of: values)
    }

    /// The point after another; `nil` after the last one, and for a suggestion that is no point of the grid.
    public func successor(of point: Suggestion) -> Suggestion? { contains(point) ? next(after: point) : nil }

    /// Whether a suggestion is a point of the grid: it fits the space, and all its values have a probability above 0.
    public func contains(_ suggestion: Suggestion) -> Bool {
        var values: [String: LabelValue] = [:]
        for label in order {
            guard let parameter = space.parameters[label], space.isActive(parameter, given: values) else { continue }
            guard let value = suggestion.values[label], parameter.domain.gridIndex(of: value) != nil else {
                return false
            }
            values[label] = parameter.domain.normalised(value)
        }
        return values.count == suggestion.values.count
    }

    private func next(after point: Suggestion) -> Suggestion? {
        var values = Dictionary(uniqueKeysWithValues: point.values.map { ($0.key, $0.value) })
        for (position, label) in order.enumerated().reversed() {
            // What comes later is gone already, so nothing is left that this value decides about.
            guard let value = values.removeValue(forKey: label), let domain = space.parameters[label]?.domain,
                let index = domain.gridIndex(of: value), let last = domain.lastGridIndex, index < last,
                let next = domain.gridValue(at: index + 1)
            else { continue }
            values[label] = next
            fill(order[(position + 1)...], into: &values)
            return suggestion(of: values)
        }
        return nil
    }

    /// Gives the active ones of `labels` their first values.
    private func fill(_ labels: ArraySlice<String>, into values: inout [String: LabelValue]) {
        for label in labels {
            guard let parameter = space.parameters[label], space.isActive(parameter, given: values) else { continue }
            values[label] = parameter.domain.gridValue(at: 0)
        }
    }

    private func suggestion(of values: [String: LabelValue]) -> Suggestion {
        var suggestion = Suggestion()
        for label in space.parameters.keys {
            if let value = values[label] { suggestion.values[label] = value }
        }
        return suggestion
    }
}

extension SpaceGrid: Sequence {
    /// Goes through the points without holding more than one.
    public struct Iterator: IteratorProtocol {
        private let grid: SpaceGrid
        private var upcoming: Suggestion?

        fileprivate init(grid: SpaceGrid) {
            self.grid = grid
            upcoming = grid.first
        }

        /// The next point.
        public mutating func next() -> Suggestion? {
            guard let point = upcoming else { return nil }
            upcoming = grid.next(after: point)
            return point
        }
    }

    /// Starts at the first point.
    public func makeIterator() -> Iterator { Iterator(grid: self) }
}

extension SearchSpace {
    /// All labels in the written order, except that one follows what decides about it.
    fileprivate var decisionOrder: [String] {
        var order: [String] = []
        var open: [String: Int] = [:]
        var waiting: [String: [String]] = [:]
        var isDone: Set<String> = []
        for (label, parameter) in parameters {
            let deciders = deciders(of: parameter).filter { !isDone.contains($0) }
            open[label] = deciders.count
            for decider in deciders { waiting[decider, default: []].append(label) }
            // A stack, last in first out: what waits for a label comes right after it.
            var ready = deciders.isEmpty ? [label] : []
            while let next = ready.popLast() {
                order.append(next)
                isDone.insert(next)
                for follower in (waiting.removeValue(forKey: next) ?? []).reversed() {
                    open[follower, default: 0] -= 1
                    if open[follower] == 0 { ready.append(follower) }
                }
            }
        }
        return order
    }

    /// The labels that decide whether a parameter is active.
    func deciders(of parameter: Parameter) -> Set<String> {
        var deciders = Set((parameter.condition?.clauses ?? []).map(\.label))
        if let option = enclosing[parameter.label] { deciders.insert(option.choice) }
        return deciders
    }
}
