import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing
import TuningMath

@Suite("Writing YAML")
struct YAMLWritingTests {
    @Test("a space is written as a person would")
    func space() throws {
        let text = """
            kernel: [rbf, poly, "no", "012", null, 1.5]
            lr: {type: loguniform, low: -9, high: -2}
            degree: {type: int, min: 2, max: 5, when: {kernel: poly}}
            batch: {type: quniform, low: 0.5, high: 100, q: 10, label: batch_size}
            arch: {type: choice, options: [small, large], probabilities: [0.25, 0.75]}
            draws:
              n: {type: normal, mu: 0, sigma: 1}
              r: {type: randint, low: 0, high: 8}
              i: {type: uniformint, low: 1, high: 5}
              f: {type: float, min: 1.0e-05, max: 0.1, log: true, step: 0.001}
            model:
              - {type: svm, C: {type: lognormal, mu: 0, sigma: 1}}
              - type: mlp
                hidden: [[64], [64, 64], [128, 64]]
                depth: {type: choice, options: [1, 2], when: {arch: [small, large]}}
                activations: {type: list, items: [relu, {type: choice, options: [relu, tanh], label: last_one}]}
              - {type: mapping, entries: {type: int, low: {type: int, min: 1, max: 2}}}
              - null
            fixed: {type: constant, value: "uniform(0, 1)"}

            """
        let space = try Reading.definition(
            Reading.frame + "search_space:\n" + text.split(separator: "\n").map { "  \($0)\n" }.joined()
        ).searchSpace
        #expect(ExperimentFile.yaml(of: space) == text)
    }

    @Test("a definition is written with what is not its default")
    func definition() throws {
        let text = """
            name: digits
            command: |
              ./prepare.sh

                python3 train.py {x}
            search_space: {x: {type: uniform, low: 0, high: 1}}
            objective: {metric: "val loss", goal: minimize, goal_value: 0.001}
            sampler: {type: random, seed: 18446744073709551615}
            limits: {max_trials: 5, max_duration: 1800}
            retries: {failed: 1}
            retry_delay: 30
            fail_fast: false
            grace: 1.5
            exclusive: true
            store_outage_limit: 90
            initial: [{x: 0.5}]
            working_directory: /home/user/digits
            env: {A: "1"}

            """
        let definition = try Reading.definition(text)
        #expect(ExperimentFile.yaml(of: definition) == text)
        // Whatever the seed: it may be larger than a signed number can be.
        let again = try Reading.definition(ExperimentFile.json(of: definition))
        #expect(again.sampler == definition.sampler && again.initial == definition.initial)
        #expect(ExperimentFile.json(of: again) == ExperimentFile.json(of: definition))
    }

    @Test("a hyperopt text becomes native YAML of the same space")
    func converted() throws {
        let space = try ExperimentFile.searchSpace(fromHyperoptText: HyperoptTextTests.network, file: "space.py").space
        let yaml = ExperimentFile.yaml(of: space)
        #expect(
            yaml.contains("conv_dropout_drop_proba: {type: uniform, low: 0, high: 0.35, label: conv_dropout_proba}\n")
        )
        #expect(yaml.contains("first_conv: [null, {type: choice, options: [3, 4], label: first_conv_size}]\n"))
        #expect(yaml.contains("fixed: {type: constant, value: [1, 2]}\n"))
        let indented = yaml.split(separator: "\n").map { "  \($0)\n" }.joined()
        #expect(try Reading.definition(Reading.frame + "search_space:\n\(indented)").searchSpace == space)
    }

    @Test("every space that can be made is read back as itself", arguments: UInt64(0)..<200)
    func random(seed: UInt64) throws {
        var maker = SpaceMaker(seed: seed)
        let space = try SearchSpace(root: maker.root())
        let yaml = ExperimentFile.yaml(of: space)
        let indented = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
        let again = try Reading.definition(Reading.frame + "search_space:\n\(indented)").searchSpace
        let isSame = again == space
        #expect(isSame, "\(yaml)")
        let isNormalisedSame = try SearchSpace(normalised: space.normalised) == space
        #expect(isNormalisedSame)
    }
}

/// Makes search spaces of every kind of node, with texts that are hard to write.
struct SpaceMaker {
    private static let texts = [
        "a", "", "no", "012", "1e-5", "~", "null", "uniform(0, 1)", "f(x)", " a ", "a: b", "# no", "'", "\"", "\\",
        "é\u{301}",
        "日本", "😀", "two\nlines", "two\nlines\n", "\n", "\r\n", "\t", "\u{85}\u{2028}", "a\u{feff}", "\u{7f}", "-",
        "- a", "[1]",
        "{a}", "*a", "&a", "!t", "|", ">", "%", "@", "`", "<<", "true", "Yes", "a #b", "trailing ", "line \n next",
        "x\n\n\ny",
    ]

    private var generator: SeededGenerator
    private var count = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func root() -> OrderedDictionary<String, SpaceNode> {
        var root: OrderedDictionary<String, SpaceNode> = ["p0": .parameter(parameter(key: "p0", depth: 0))]
        for index in 1...(1 + below(4)) { root["p\(index)"] = node(key: "p\(index)", depth: 0) }
        return root
    }

    private mutating func node(key: String?, depth: Int) -> SpaceNode {
        switch below(depth > 3 ? 2 : 6) {
        case 0: return .constant(value(depth: 0))
        case 1, 2: return .parameter(parameter(key: key, depth: depth))
        case 3:
            return .list([.parameter(parameter(key: nil, depth: depth + 1)), node(key: nil, depth: depth + 1)])
        case 4 where depth > 0 && key == nil:
            let inner = parameter(key: "C", depth: depth + 1)
            return .mapping(["type": .constant(.string(["svm", "int"][below(2)])), "C": .parameter(inner)])
        default:
            let keys = ["a", "b", "low", "type", "q", "when", "label", "value", "entries", "items", "options"]
            let first = keys[below(keys.count)]
            return .mapping([
                first: .parameter(parameter(key: first, depth: depth + 1)),
                "other": node(key: "other", depth: depth + 1),
            ])
        }
    }

    private mutating func parameter(key: String?, depth: Int) -> Parameter {
        count += 1
        let label = below(2) == 0 ? "l\(count)" : "\(Self.texts[below(Self.texts.count)])\(count)"
        return Parameter(label: label, domain: domain(depth: depth))
    }

    private mutating func domain(depth: Int) -> ParameterDomain {
        let low = [-5, 0, 0.1, 1e-7, -1e3, 12345.678][below(6)]
        let high = low + [0.5, 1, 3, 1e2][below(4)]
        let quantum = [nil, 0.5, 1, 3][below(4)]
        let isLog = below(2) == 0
        switch below(8) {
        case 0:
            let base = isLog ? RealDistribution.Base.uniform(low: -2, high: 1.5) : .uniform(low: low, high: high)
            return .real(RealDistribution(base, isLog: isLog, quantum: quantum))
        case 1: return .real(RealDistribution(.normal(mu: 0.5, sigma: 2), isLog: isLog, quantum: quantum))
        case 2: return .uniformInteger(low: low, high: high)
        case 3: return .randomInteger(low: -3, high: .max)
        case 4: return .float(min: abs(low) + 0.1, max: abs(low) + 9, isLog: isLog, step: quantum)
        case 5: return .integer(min: 1, max: 1 << 60, isLog: isLog, step: quantum == nil ? nil : 7)
        default:
            let options = (0...below(3)).map { _ in node(key: nil, depth: depth + 2) }
            let probabilities = below(2) == 0 ? nil : options.map { _ in 1 / Double(options.count) }
            return .choice(options, probabilities: probabilities)
        }
    }

    private mutating func value(depth: Int) -> ParameterValue {
        switch below(depth > 2 ? 6 : 8) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2: return .integer([0, -7, .max, .min][below(4)])
        case 3: return .double([0.1, 1e300, -.leastNonzeroMagnitude, 1e22][below(4)])
        case 4, 5: return .string(Self.texts[below(Self.texts.count)])
        case 6: return .list((0..<below(4)).map { _ in value(depth: depth + 1) })
        default:
            let keys = ["a", "type", "low", "a b", "", "<<", "é\n", String(repeating: "k", count: 2000)]
            return .mapping([keys[below(keys.count)]: value(depth: depth + 1), "z": value(depth: depth + 1)])
        }
    }

    private mutating func below(_ count: Int) -> Int { Int(generator.wholeNumber(below: UInt64(count))) }
}
