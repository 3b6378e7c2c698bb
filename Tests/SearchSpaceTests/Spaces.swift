import OrderedCollections
import SearchSpace
import TuningMath

/// Spaces that several tests use.
enum Spaces {
    /// A choice of two models with settings of their own, and a parameter that depends on one of them.
    static func models() throws -> SearchSpace {
        let svm: SpaceNode = .mapping([
            "type": .constant("svm"),
            "C": .parameter(Parameter(label: "C", domain: .logUniform(low: -4, high: 6))),
        ])
        let network: SpaceNode = .mapping([
            "type": .constant("mlp"),
            "hidden": .parameter(Parameter(label: "hidden", domain: .integer(min: 8, max: 64, isLog: false, step: 8))),
        ])
        return try SearchSpace(root: [
            "model": .parameter(Parameter(label: "model", domain: .choice([svm, network]))),
            "kernel": .parameter(Parameter(label: "kernel", domain: .choice([.constant("rbf"), .constant("poly")]))),
            "degree": .parameter(
                Parameter(
                    label: "degree",
                    domain: .integer(min: 2, max: 5, isLog: false, step: nil),
                    condition: ParameterCondition(clauses: [.init(label: "kernel", values: ["poly"])])
                )
            ),
            "batch": .constant(32),
        ])
    }

    /// One parameter `x`.
    static func single(_ domain: ParameterDomain) throws -> SearchSpace {
        try SearchSpace(root: ["x": .parameter(Parameter(label: "x", domain: domain))])
    }
}

/// Spaces drawn at random, with every kind of node and of domain.
struct RandomSpaces {
    var generator: SeededGenerator
    private var count = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() throws -> SearchSpace {
        count = 0
        var root: OrderedDictionary<String, SpaceNode> = [:]
        // The gate is a choice of plain values that conditions can name.
        root["gate"] = .parameter(
            Parameter(label: "gate", domain: .choice([.constant("a"), .constant(2), .constant(nil)]))
        )
        for index in 0...below(4) { root["key\(index)"] = node(depth: 0, mayBeConditional: true) }
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
            for key in ["type", "min", "plain", "entries"].prefix(1 + below(4)) {
                entries[key] = node(depth: depth + 1, mayBeConditional: true)
            }
            return .mapping(entries)
        }
    }

    private mutating func parameter(depth: Int, mayBeConditional: Bool) -> Parameter {
        count += 1
        let label = "p\(count)"
        let condition =
            mayBeConditional && below(3) == 0
            ? ParameterCondition(clauses: [.init(label: "gate", values: below(2) == 0 ? ["a"] : [2, nil])]) : nil
        return Parameter(label: label, domain: domain(depth: depth), condition: condition)
    }

    private mutating func domain(depth: Int) -> ParameterDomain {
        let low = generator.unitDouble() * 10 - 5
        let width = 0.001 + generator.unitDouble() * 8
        let whole = Int64(below(100)) + 1
        switch below(8) {
        case 0: return .uniform(low: low, high: low + width)
        case 1: return .logUniform(low: low, high: low + width)
        case 2: return .float(min: low, max: low + width, isLog: false, step: nil)
        case 3: return .float(min: width, max: width * 9, isLog: true, step: below(2) == 0 ? width / 3 : nil)
        case 4: return .float(min: low, max: low + width, isLog: false, step: width / Double(1 + below(7)))
        case 5: return .integer(min: -whole, max: whole * 2, isLog: false, step: below(2) == 0 ? 3 : nil)
        case 6: return .integer(min: whole, max: whole * 50, isLog: true, step: below(2) == 0 ? 4 : nil)
        default:
            var options = [SpaceNode.constant(nil)]
            for _ in 0..<below(4) { options.append(node(depth: depth + 1, mayBeConditional: false)) }
            return .choice(options)
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
