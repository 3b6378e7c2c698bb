import ExperimentFile
import OrderedCollections
import SearchSpace
import Testing

@Suite("Distributions")
struct DistributionFormsTests {
    @Test(
        "hyperopt's, Azure's and the file's spellings mean the same",
        arguments: [
            (
                .uniform(low: -1, high: 2, quantum: 0.5),
                [
                    "hp.quniform('x', -1, 2, 0.5)", "quniform(-1, 2, .5)", "quniform(min_value=-1, max_value=2, q=0.5)",
                    "hp.quniform(label='x', low=-1, high=2, q=0.5)", "{type: quniform, low: -1, high: 2, q: 0.5}",
                    "{type: quniform, min_value: -1, max_value: 2, q: 5e-1}",
                ]
            ),
            (
                .logUniform(low: -1, high: 2, quantum: 3),
                [
                    "hp.qloguniform('x', -1, 2, 3)", "qloguniform(-1, 2, q=3)",
                    "{type: qloguniform, min: -1, max: 2, q: 3}",
                ]
            ),
            (
                .normal(mu: 10, sigma: 3),
                [
                    "hp.normal('x', 10, 3)", "normal(10, 3)", "normal(mu=10, sigma=3)",
                    "{type: normal, mu: 10, sigma: 3}",
                ]
            ),
            (
                .normal(mu: 10, sigma: 3, quantum: 2),
                ["hp.qnormal('x', 10, 3, 2)", "qnormal(10, 3, 2)", "{type: qnormal, mu: 10, sigma: 3, q: 2}"]
            ),
            (
                .logNormal(mu: 0, sigma: 0.5),
                ["hp.lognormal('x', 0, .5)", "lognormal(0, 0.5)", "{type: lognormal, mu: 0, sigma: 0.5}"]
            ),
            (
                .real(RealDistribution(.normal(mu: 0, sigma: 0.5), isLog: true, quantum: 1)),
                [
                    "hp.qlognormal('x', 0, .5, 1)", "qlognormal(0, 0.5, 1)",
                    "{type: qlognormal, mu: 0, sigma: 0.5, q: 1}",
                ]
            ),
            (
                .uniformInteger(low: 1, high: 9),
                ["hp.uniformint('x', 1, 9)", "uniformint(1, 9)", "{type: uniformint, low: 1, high: 9}"]
            ),
            (
                .randomInteger(low: 0, high: 8),
                [
                    "hp.randint('x', 8)", "randint(8)", "randint(upper=8)", "hp.randint('x', low=8)", "randint(0, 8)",
                    "{type: randint, upper: 8}", "{type: randint, low: 0, high: 8}",
                ]
            ),
            (
                .randomInteger(low: -3, high: 8),
                [
                    "hp.randint('x', -3, 8)", "randint(-3, 8)", "randint(low=-3, high=8)",
                    "{type: randint, low: -3, upper: 8}",
                ]
            ),
            (
                .choice([.constant("a"), .constant(2)], probabilities: [0.25, 0.75]),
                [
                    "hp.pchoice('x', [(0.25, 'a'), (.75, 2)])", "pchoice([(0.25, 'a'), [0.75, 2]])",
                    "choice(['a', 2], probabilities=[0.25, 0.75])", "pchoice(options=[(0.25, 'a'), (0.75, 2)])",
                    "{type: choice, options: [a, 2], probabilities: [0.25, 0.75]}",
                    "{type: pchoice, values: [a, 2], probabilities: [0.25, 0.75]}",
                    "{type: pchoice, options: [[0.25, a], [0.75, 2]]}",
                ]
            ),
            (
                .choice((0..<4).map { .constant(.integer($0)) }),
                [
                    "choice(range(4))", "choice(range(0, 4))", "choice(list(range(0, 4, 1)))", "choice(0, 1, 2, 3)",
                    "hp.choice('x', range(4))", "[0, 1, 2, 3]", "{type: choice, values: [0, 1, 2, 3]}",
                ]
            ),
            (
                .choice([.constant(5), .constant(3), .constant(1)]),
                ["choice(range(5, 0, -2))", "choice((5, 3, 1))"]
            ),
            (
                .uniform(low: 0.501, high: 4.499, quantum: 1),
                [
                    "hp.quniform('x', 1 - 0.499, 4 + 0.499, 1)", "quniform(0.501, 4.499, 1)",
                    "quniform(+1-.499, (4+.499), 2-1)",
                ]
            ),
        ] as [(ParameterDomain, [String])]
    )
    func spellings(domain: ParameterDomain, forms: [String]) throws {
        for form in forms {
            let space = try Reading.parameter(form)
            #expect(space.parameters["x"]?.domain == domain, "\(form)")
        }
    }

    @Test("scope.int around whole numbers changes nothing")
    func wholeNumbers() throws {
        let plain = try Reading.parameter("hp.quniform('n', 1, 9, 2)")
        #expect(try Reading.parameter("scope.int(hp.quniform('n', 1, 9, 2))") == plain)
        #expect(
            Reading.messages(parameter: "scope.int(hp.uniform('n', 1, 9))") == [
                "5:6: error: scope.int is only read around whole numbers: a parameter with a whole step (q)"
            ]
        )
        #expect(Reading.messages(parameter: "scope.int(3)").count == 1)
    }

    @Test(
        "a range that is none, or too long",
        arguments: ["range()", "range(1, 2, 0)", "range(0.5)", "range(20000)", "range(1, 2, 3, 4)", "range(end=3)"]
    )
    func ranges(form: String) {
        let messages = Reading.messages(parameter: "choice(\(form))")
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("5:") == true)
    }

    @Test("a range of extreme numbers ends")
    func extremeRange() throws {
        let space = try Reading.parameter("choice(range(9223372036854775806, 9223372036854775807, 5))")
        #expect(space.parameters["x"]?.domain == .choice([.constant(.integer(.max - 1))]))
        _ = try Reading.parameter("choice(range(-9223372036854775808, 9223372036854775807, 9223372036854775807))")
    }

    @Test("options may be parameters, lists, mappings, texts, truth values and nothing")
    func options() throws {
        let expression = """
            "hp.choice('x', [None, True, 1.5, 'a', [1, hp.normal('n', 0, 1)], {'k': hp.randint('r', 3)}, hp.choice('c', [1])])"
            """
        let space = try Reading.parameter(expression)
        let mapping = """
            {type: choice, options: [null, true, 1.5, a, [1, {type: normal, mu: 0, sigma: 1, label: n}],
              {k: {type: randint, upper: 3, label: r}}, {type: choice, options: [1], label: c}]}
            """
        #expect(try Reading.parameter(mapping) == space)
        #expect(Array(space.parameters.keys) == ["x", "n", "r", "c"])
    }
}
