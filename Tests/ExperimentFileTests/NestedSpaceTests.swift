import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Nested search spaces")
struct NestedSpaceTests {
    private static let expression =
        #""hp.choice('model', [{'type': 'svm', 'C': hp.loguniform('C', -4, 6)}, {'type': 'mlp', 'hidden': hp.choice('hidden', [[64], [64, 64]])}])""#

    private static let mapping = """
        {type: choice, label: model, options: [
          {type: svm, C: {type: loguniform, low: -4, high: 6}},
          {type: mlp, hidden: [[64], [64, 64]]}]}
        """

    @Test("options hold further parameters, as text and as mapping")
    func options() throws {
        let space = try Reading.parameter(Self.expression)
        #expect(try Reading.parameter(Self.mapping.replacing("\n", with: " ")) == space)
        #expect(Array(space.parameters.keys) == ["model", "C", "hidden"])
        let suggestion = Suggestion(values: ["model": .integer(1), "hidden": .integer(1)])
        #expect(try space.assignment(for: suggestion) == ["x": ["type": "mlp", "hidden": [64, 64]]])
    }

    @Test("the normalised form of a space is a file's search space again")
    func normalised() throws {
        let forms = [
            Self.expression,
            "['nothing(', 'a(b)', {type: constant, value: 'uniform(0, 1)'}, {type: constant, value: {type: int}}, [1, [2]]]",
            "{a: {type: constant, value: adam}, b: 'uniform(0, 1)', c: {type: [s, t], low: 'int(1, 2)'}, d: 3}",
            "{type: choice, options: [{type: list, items: ['uniform(0, 1)', 2]}, null, true]}",
        ]
        for form in forms {
            let space = try Reading.parameter(form)
            let again = try Reading.definition(Reading.frame + "search_space: \(space.normalised.json)\n").searchSpace
            #expect(again == space, "\(form)")
        }
    }

    @Test("labels are keys, or paths where a key is there twice")
    func labels() throws {
        let space = try Reading.definition(
            Reading.frame
                + """
                search_space:
                  optimizer: {lr: 'loguniform(-9, -2)', decay: 0.1}
                  lr: uniform(0, 1)
                  model:
                    - {type: svm, C: 'uniform(0, 1)'}
                    - {type: mlp, layers: 'int(1, 3)'}
                    - {type: choice, options: [1, 2]}
                  extra: {type: int, min: 1, max: 2, when: {optimizer.lr: 1, C: 1}}
                """.replacing("optimizer.lr: 1, C: 1", with: "layers: [1, 2]")
        ).searchSpace
        #expect(Array(space.parameters.keys) == ["optimizer.lr", "lr", "model", "C", "layers", "model.2", "extra"])
        #expect(space.parameters["extra"]?.condition?.clauses == [.init(label: "layers", values: [1, 2])])
    }

    @Test("a condition may name a key whose label is another")
    func conditionByKey() throws {
        let space = try Reading.definition(
            Reading.frame
                + "search_space: {k: \"hp.choice('kernel', ['a', 'b'])\", d: {type: int, min: 1, max: 2, when: {k: [a]}}}\n"
        ).searchSpace
        #expect(space.parameters["d"]?.condition?.clauses == [.init(label: "kernel", values: ["a"])])
    }

    @Test("a condition on a parameter with a mistake is no second mistake")
    func aftermath() {
        let messages = Reading.messages(
            Reading.frame + "search_space: {k: choise(1), d: {type: int, min: 1, max: 2, when: {k: 1}}}\n"
        )
        #expect(
            messages == ["search.yaml:4:19: error: there is no parameter type \"choise\"; did you mean \"choice\"?"]
        )
    }

    @Test("one label for two parameters is found where the second stands")
    func duplicateLabels() {
        let messages = Reading.messages(
            Reading.frame + "search_space:\n  a: hp.uniform('x', 0, 1)\n  b: hp.uniform('x', 0, 1)\n"
        )
        #expect(
            messages == [
                "search.yaml:6:6: error: two parameters have the label \"x\"; give one of them a label of its own"
            ]
        )
    }

    @Test("impossible conditions have the place of the condition")
    func impossible() {
        let messages = Reading.messages(
            Reading.frame + "search_space:\n  k: [a, b]\n  d: {type: int, min: 1, max: 2, when: {k: c}}\n"
        )
        #expect(messages == ["search.yaml:6:41: error: the condition of \"d\" can never hold: \"k\" cannot be \"c\""])
    }

    @Test("a structure that was probably meant as a choice is warned of")
    func choiceInStructure() {
        func warnings(_ space: String) -> [String] {
            Reading.messages(
                """
                command: [train]
                search_space: {\(space)}
                objective: {metric: loss, goal: minimize}
                limits: {max_trials: 3}
                """
            )
        }
        #expect(
            warnings("k: {choices: [rbf, poly]}") == [
                #"search.yaml:2:20: warning: "k" is a structure that holds a choice "choices"; for a choice of its own "#
                    + "write the list alone: k: […]"
            ]
        )
        #expect(warnings("k: {choices: [rbf, poly], other: [1, 2]}").isEmpty)
        #expect(warnings("k: {kinds: [rbf, poly]}").isEmpty)
    }
}
