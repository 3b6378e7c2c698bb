import OrderedCollections

/// Counts the suggestions of a finite space.
///
/// Parameters that do not depend on each other multiply. Of others one is decided that decides some of the rest, once for
/// each class of its values that has the same consequences, and the rest is counted in the same way.
struct PointCounter {
    /// Parameters that may be looked at, all in all.
    static let maximumWork = 1_000_000
    /// Parameters of which each depends on the one before.
    static let maximumDepth = 256

    /// There are too many suggestions, or it takes too long to count them.
    struct TooMany: Error {}

    /// Values of one parameter with the same consequences.
    private struct ValueClass {
        var count: UInt64
        /// The dependents that these values allow, ascending.
        var allowed: [Int]
    }

    // Parameters are numbered in the order of activation: a decider has a lower number than what depends on it.
    private var sizes: [UInt64] = []
    private var deciders: [[Int]] = []
    private var dependents: [[Int]]
    private var classes: [[ValueClass]] = []
    /// What each parameter is part of at the moment.
    private var scope: [Int]
    private var newestScope = 0
    private var work = 0

    private static let isLeftOut = -1

    init(space: SearchSpace) {
        let labels = space.activationOrder
        let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        scope = Array(repeating: 0, count: labels.count)
        dependents = Array(repeating: [], count: labels.count)
        // For each decider the indices of its values that a dependent asks for.
        var demands = Array(repeating: [Int: Set<UInt64>](), count: labels.count)
        for (number, label) in labels.enumerated() {
            guard let parameter = space.parameters[label] else { continue }
            let size = (parameter.domain.lastGridIndex ?? 0).addingReportingOverflow(1)
            sizes.append(size.overflow ? .max : size.partialValue)
            for (decider, values) in space.demands(of: parameter) {
                guard let other = numbers[decider] else { continue }
                demands[other][number] = demands[other][number]?.intersection(values) ?? values
            }
        }
        deciders = Array(repeating: [], count: labels.count)
        for (number, demand) in demands.enumerated() {
            dependents[number] = demand.keys.sorted()
            for dependent in dependents[number] { deciders[dependent].append(number) }
            classes.append(Self.classes(of: sizes[number], demand: demand))
        }
    }

    private static func classes(of size: UInt64, demand: [Int: Set<UInt64>]) -> [ValueClass] {
        var allowed: [UInt64: [Int]] = [:]
        for dependent in demand.keys.sorted() {
            for value in demand[dependent] ?? [] { allowed[value, default: []].append(dependent) }
        }
        var counts: [[Int]: UInt64] = [:]
        for dependents in allowed.values { counts[dependents, default: 0] += 1 }
        let others = size - UInt64(allowed.count)
        if others > 0 { counts[[], default: 0] += others }
        return counts.map { ValueClass(count: $1, allowed: $0) }
    }

    /// The number of suggestions.
    mutating func count() throws(TooMany) -> UInt64 { try count(Array(sizes.indices), depth: 0) }

    /// - Parameter numbers: parameters, ascending, whose deciders are among them or decided in their favour.
    private mutating func count(_ numbers: [Int], depth: Int) throws(TooMany) -> UInt64 {
        work += numbers.count
        guard work <= Self.maximumWork, depth <= Self.maximumDepth else { throw TooMany() }
        let mine = makeScope()
        for number in numbers { scope[number] = mine }
        var product: UInt64 = 1
        for number in numbers where scope[number] == mine {
            let component = takeComponent(from: number, of: mine)
            let factor = component.count == 1 ? sizes[number] : try countDependent(component, depth: depth)
            product = try Self.limited(product.multipliedReportingOverflow(by: factor))
        }
        return product
    }

    /// - Parameter component: parameters that depend on each other, ascending. The first can only be one that decides others.
    private mutating func countDependent(_ component: [Int], depth: Int) throws(TooMany) -> UInt64 {
        var sum: UInt64 = 0
        for values in classes[component[0]] {
            work += component.count
            let mine = makeScope()
            for number in component { scope[number] = mine }
            let allowed = Set(values.allowed)
            var rest: [Int] = []
            for number in component.dropFirst() {
                let isOut = deciders[number].contains {
                    scope[$0] == Self.isLeftOut || ($0 == component[0] && !allowed.contains(number))
                }
                if isOut { scope[number] = Self.isLeftOut } else { rest.append(number) }
            }
            let count = try count(rest, depth: depth + 1)
            let product = try Self.limited(count.multipliedReportingOverflow(by: values.count))
            sum = try Self.limited(sum.addingReportingOverflow(product))
        }
        return sum
    }

    /// The parameters of a scope that are tied to one of them, ascending; they leave the scope.
    private mutating func takeComponent(from start: Int, of current: Int) -> [Int] {
        let mine = makeScope()
        var component = [start]
        scope[start] = mine
        var next = 0
        while next < component.count {
            for neighbours in [deciders[component[next]], dependents[component[next]]] {
                for neighbour in neighbours where scope[neighbour] == current {
                    scope[neighbour] = mine
                    component.append(neighbour)
                }
            }
            next += 1
        }
        return component.sorted()
    }

    private mutating func makeScope() -> Int {
        newestScope += 1
        return newestScope
    }

    private static func limited(_ result: (partialValue: UInt64, overflow: Bool)) throws(TooMany) -> UInt64 {
        guard !result.overflow, result.partialValue <= UInt64(SearchSpace.maximumCardinality) else { throw TooMany() }
        return result.partialValue
    }
}

extension SearchSpace {
    /// What a parameter asks of the parameters that decide it: each with the indices of the values that will do.
    fileprivate func demands(of parameter: Parameter) -> [(decider: String, values: Set<UInt64>)] {
        var demands: [(decider: String, values: Set<UInt64>)] = []
        if let option = enclosing[parameter.label], let choice = parameters[option.choice] {
            let index = choice.domain.gridIndex(of: .integer(Int64(option.option)))
            demands.append((option.choice, index.map { [$0] } ?? []))
        }
        for clause in parameter.condition?.clauses ?? [] {
            guard let other = parameters[clause.label]?.domain else { continue }
            let values = clause.values.flatMap { other.drawnValues(of: $0) }.compactMap { other.gridIndex(of: $0) }
            demands.append((clause.label, Set(values)))
        }
        return demands
    }
}

extension ParameterDomain {
    /// The drawn values that are resolved to a value: of a choice every option that equals it.
    func drawnValues(of value: ParameterValue) -> [LabelValue] {
        guard case .choice(let options, _) = self else {
            return value.asLabelValue.flatMap { normalised($0) }.map { [$0] } ?? []
        }
        return options.indices.filter { options[$0].constantValue?.isSame(as: value) ?? false }
            .map { .integer(Int64($0)) }
    }
}
