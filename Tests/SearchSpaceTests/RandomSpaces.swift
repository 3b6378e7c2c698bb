import OrderedCollections
import SearchSpace
import TuningMath

/// Spaces drawn at random, with every kind of node, domain and condition.
struct RandomSpaces {
    var generator: SeededGenerator
    /// Whether there are only domains of a few values.
    private let isFinite: Bool
    private var count = 0
    /// Parameters that a condition may name, with some of their values.
    private var deciders: [(label: String, values: [ParameterValue])] = []

    init(generator: SeededGenerator, isFinite: Bool = false) {
        self.generator = generator
        self.isFinite = isFinite
    }

    init(seed: UInt64) { self.init(generator: SeededGenerator(seed: seed)) }

    mutating func next() throws -> SearchSpace {
        count = 0
        var root: OrderedDictionary<String, SpaceNode> = [:]
        root["gate"] = .parameter(
            Parameter(label: "gate", domain: .choice([.constant("a"), .constant(2), .constant(nil)]))
        )
        // It stands behind what depends on it, and its values are written with fewer digits than they have.
        let dial = SpaceNode.parameter(Parameter(label: "dial", domain: .uniform(low: 0.1, high: 0.3, quantum: 0.1)))
        deciders = [("gate", ["a", 2, nil]), ("dial", [0.1, 0.2, 0.3])]
        for index in 0...below(isFinite ? 3 : 4) { root["key\(index)"] = node(depth: 0, mayBeConditional: true) }
        root["dial"] = dial
        return try SearchSpace(root: root)
    }

    private mutating func below(_ count: Int) -> Int { Int(generator.wholeNumber(below: UInt64(count))) }

    private mutating func node(depth: Int, mayBeConditional: Bool) -> SpaceNode {
        switch below(depth > 3 ? 3 : 6) {
        case 0: return .constant(value(depth: 0))
        case 1, 2, 5: return .parameter(parameter(depth: depth, mayBeConditional: mayBeConditional))
        case 3:
            let items = (0..<below(3)).map { _ in node(depth: depth + 1, mayBeConditional: false) }
            return .list(items)
        default:
            var entries: OrderedDictionary<String, SpaceNode> = [:]
            for key in ["type", "min", "plain", "entries", "q"].prefix(1 + below(5)) {
                entries[key] = node(depth: depth + 1, mayBeConditional: true)
            }
            return .mapping(entries)
        }
    }

    private mutating func parameter(depth: Int, mayBeConditional: Bool) -> Parameter {
        count += 1
        let label = "p\(count)"
        // Only what is there already may be named, so that there is no circle.
        let condition = mayBeConditional && below(3) == 0 ? condition() : nil
        let domain = domain(depth: depth)
        switch domain {
        case .choice(let options, _):
            let values = options.compactMap(\.constantValue)
            if values.count == options.count { deciders.append((label, values)) }
        case .integer(let min, let max, _, nil): deciders.append((label, [.integer(min), .integer(max)]))
        case .uniformInteger(let low, let high):
            deciders.append((label, [low, high].map { .double($0.rounded(toMultipleOf: 1)) }))
        case .randomInteger(let low, _): deciders.append((label, [.integer(low)]))
        default: break
        }
        return Parameter(label: label, domain: domain, condition: condition)
    }

    private mutating func condition() -> ParameterCondition {
        var clauses: [ParameterCondition.Clause] = []
        for _ in 0...below(2) {
            let decider = deciders[below(deciders.count)]
            guard !clauses.contains(where: { $0.label == decider.label }) else { continue }
            let values = decider.values.shuffled(using: &generator).prefix(1 + below(decider.values.count))
            clauses.append(.init(label: decider.label, values: Array(values)))
        }
        return ParameterCondition(clauses: clauses)
    }

    private mutating func domain(depth: Int) -> ParameterDomain {
        switch below(isFinite ? 7 : 16) {
        case 0, 1: return choice(depth: depth)
        case 2, 3, 4, 5, 6: return finiteDomain()
        case 7, 8, 9, 10: return quantisedDomain()
        default: return continuousDomain()
        }
    }

    private mutating func choice(depth: Int) -> ParameterDomain {
        var options = [SpaceNode.constant(nil)]
        for _ in 0..<below(4) { options.append(node(depth: depth + 1, mayBeConditional: false)) }
        guard below(3) == 0 else { return .choice(options) }
        let weights = options.map { _ in Double(below(4)) }
        let sum = weights.reduce(0, +)
        return .choice(options, probabilities: sum == 0 ? nil : weights.map { $0 / sum })
    }

    /// A few values each.
    private mutating func finiteDomain() -> ParameterDomain {
        let low = Double(below(21)) / 4 - 2.5
        let width = 0.3 + generator.unitDouble() * 2
        let whole = Int64(below(10)) + 1
        switch below(8) {
        case 0: return .float(min: low, max: low + width, isLog: false, step: width / Double(1 + below(3)))
        case 1: return .float(min: width, max: width * 3, isLog: true, step: width / 2)
        case 2: return .integer(min: -whole, max: -whole + Int64(below(4)), isLog: false, step: nil)
        case 3: return .integer(min: whole, max: whole + Int64(below(9)), isLog: true, step: below(2) == 0 ? 4 : nil)
        case 4: return .randomInteger(low: -whole, high: -whole + 1 + Int64(below(4)))
        case 5: return .uniformInteger(low: low, high: low + width)
        case 6: return .uniform(low: low, high: low + width, quantum: [0.5, 0.3, 4][below(3)])
        default: return .logUniform(low: low - 2, high: low - 2 + width / 2, quantum: [0.5, 3][below(2)])
        }
    }

    /// Many or infinitely many values with gaps.
    private mutating func quantisedDomain() -> ParameterDomain {
        let low = generator.unitDouble() * 10 - 5
        let width = 0.001 + generator.unitDouble() * 8
        let quantum = [0.1, 1, 7, 1e-3][below(4)]
        switch below(6) {
        case 0: return .uniform(low: low, high: low + width, quantum: quantum)
        case 1: return .logUniform(low: low, high: low + width, quantum: quantum)
        case 2: return .normal(mu: low, sigma: width, quantum: quantum)
        case 3: return .logNormal(mu: low, sigma: width, quantum: quantum)
        case 4: return .uniformInteger(low: low * 1e6, high: (low + width) * 1e6)
        default: return .randomInteger(low: .min, high: .max - Int64(below(3)))
        }
    }

    private mutating func continuousDomain() -> ParameterDomain {
        let low = generator.unitDouble() * 10 - 5
        let width = 0.001 + generator.unitDouble() * 8
        switch below(6) {
        case 0: return .uniform(low: low, high: low + width)
        case 1: return .logUniform(low: low, high: low + width)
        case 2: return .normal(mu: low, sigma: width)
        case 3: return .logNormal(mu: low, sigma: width)
        case 4: return .float(min: low, max: low + width, isLog: false, step: nil)
        default: return .float(min: width, max: width * 9, isLog: true, step: nil)
        }
    }

    /// Constants with everything that could be mistaken for something else.
    private mutating func value(depth: Int) -> ParameterValue {
        switch below(depth > 2 ? 6 : 8) {
        case 0: return nil
        case 1: return .bool(below(2) == 0)
        case 2: return .integer(Int64(bitPattern: generator.next()))
        case 3: return .double(generator.unitDouble() * 1e300)
        case 4: return .string(["uniform(0, 1)", "", "svm", "é\n\"\\", "null", "1"][below(6)])
        case 5: return .double(Double(below(5)))
        case 6: return .list((0..<below(3)).map { _ in value(depth: depth + 1) })
        default: return ["type": value(depth: depth + 1), "label": value(depth: depth + 1)]
        }
    }
}
