import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Initial points")
struct InitialPointTests {
    private static let file =
        Reading.frame + """
            search_space:
              lr: loguniform(-9, 0)
              kernel: [rbf, poly]
              degree: {type: int, min: 2, max: 5, when: {kernel: poly}}
              model:
                - {type: svm, C: "hp.uniform('reg', 0, 1)"}
                - {type: mlp, layers: [1, 2]}

            """

    private static func messages(_ initial: String) -> [String] { Reading.messages(file + "initial: \(initial)\n") }

    @Test("a point fixes some values, in the order of the space")
    func points() throws {
        let definition = try Reading.definition(
            Self.file + """
                initial:
                  - {kernel: rbf, lr: 0.1}
                  - {degree: 3, model: {type: svm, C: 0.5}}
                  - {model: {layers: 2}}

                """
        )
        #expect(
            definition.initial == [
                Suggestion(values: ["lr": .double(0.1), "kernel": .integer(0)]),
                Suggestion(
                    values: ["kernel": .integer(1), "degree": .integer(3), "model": .integer(0), "reg": .double(0.5)]
                ),
                Suggestion(values: ["model": .integer(1), "layers": .integer(1)]),
            ]
        )
    }

    @Test(
        "mistakes are found at their key",
        arguments: [
            ("3", "10"), ("[3]", "11"), ("[{}]", "11"), ("[{lr: 5}]", "16"), ("[{kernel: rbf}, {lr: 5}]", "31"),
            ("[{kernel: linear}]", "20"), ("[{model: {type: svm, C: 7}}]", "34"), ("[{lr: [1]}]", "16"),
            ("[{kernel: rbf, degree: 3}]", ""), ("[{model: {type: tree}}]", ""), ("[{krenel: rbf}]", ""),
        ]
    )
    func mistakes(initial: String, column: String) {
        let messages = Self.messages(initial)
        #expect(messages.count == 1, "\(messages)")
        #expect(messages.first?.hasPrefix("search.yaml:11:\(column)") == true, "\(messages)")
    }

    @Test("more points than trials is a warning")
    func tooMany() {
        #expect(
            Self.messages("[{lr: 0.1}, {lr: 0.2}, {lr: 0.3}, {lr: 0.4}]") == [
                "search.yaml:11:10: warning: initial has 4 points, but limits.max_trials is 3: the last ones are not tried"
            ]
        )
    }

    @Test("points are checked only against a space without mistakes")
    func brokenSpace() {
        let messages = Reading.messages(Reading.frame + "search_space: {x: 'unifrm(0, 1)'}\ninitial: [{x: 3}]\n")
        #expect(messages.count == 1, "\(messages)")
    }
}
