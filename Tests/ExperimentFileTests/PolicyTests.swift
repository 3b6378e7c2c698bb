import ExperimentFile
import ExperimentModel
import Testing

@Suite("Early termination in files and options")
struct PolicyTests {
    private static let frame = Reading.frame + "search_space: {x: [1, 2]}\n"

    private static func policies(_ yaml: String) throws -> [PolicySpecification] {
        try Reading.definition(frame + "early_termination: \(yaml)\n").earlyTermination
    }

    /// What is said about a value that stands at line 5, column 20.
    private static func messages(_ yaml: String) -> [String] {
        Reading.messages(frame + "early_termination: \(yaml)\n").map {
            $0.replacing("search.yaml:5:", with: "").replacing(" error:", with: "")
        }
    }

    private static let good: [(String, [PolicySpecification])] = [
        ("none", []), ("Default", []), ("{type: none}", []), ("{type: Default}", []),
        ("median_stopping", [.init(.medianStopping(.init()))]), ("MedianStopping", [.init(.medianStopping(.init()))]),
        ("asha", [.init(.asha(.init()))]), ("not_finite", [.init(.notFinite)]),
        (
            "{type: bandit, slack_factor: 0.1, evaluation_interval: 1, delay_evaluation: 5}",
            [.init(.bandit(.factor(0.1)), delayEvaluation: 5)]
        ),
        // As Azure's tools write it.
        (
            "{type: Bandit, slack_factor: 0, slack_amount: 0.2, evaluation_interval: 0}",
            [.init(.bandit(.amount(0.2)))]
        ),
        ("{type: bandit, slack_amount: 0}", [.init(.bandit(.amount(0)))]),
        ("{type: bandit, slack_factor: 0, slack_amount: 0}", [.init(.bandit(.factor(0)))]),
        (
            "{type: TruncationSelection, truncation_percentage: 20, exclude_finished_jobs: true, evaluation_interval: 3}",
            [.init(.truncationSelection(percentage: 20, excludesFinished: true), evaluationInterval: 3)]
        ),
        (
            "{type: median_stopping, min_trials: 5, percentile: 25, patience: 2}",
            [.init(.medianStopping(.init(leastTrials: 5, percentile: 25, patience: 2)))]
        ),
        (
            "{type: asha, reduction_factor: 4, min_resource: 2, max_resource: 50, brackets: 3, delay_evaluation: 1}",
            [
                .init(
                    .asha(.init(reductionFactor: 4, firstRung: 2, largestInterval: 50, brackets: 3)),
                    delayEvaluation: 1
                )
            ]
        ),
        (
            "{type: decay_curve, max_resource: 50, confidence: 0.99}",
            [.init(.decayCurve(.init(largestInterval: 50, confidence: 0.99)))]
        ),
        ("{type: threshold, lower: -1, upper: 1e3}", [.init(.threshold(lower: -1, upper: 1000))]),
        ("{any_of: [asha, not_finite]}", [.init(.asha(.init())), .init(.notFinite)]),
        ("[{type: threshold, upper: 10}, not_finite]", [.init(.threshold(lower: nil, upper: 10)), .init(.notFinite)]),
    ]

    @Test("every form is read, and written so that it reads back as the same", arguments: good)
    func forms(yaml: String, expected: [PolicySpecification]) throws {
        let definition = try Reading.definition(Self.frame + "early_termination: \(yaml)\n")
        #expect(definition.earlyTermination == expected)
        #expect(Self.messages(yaml).isEmpty)
        #expect(try Reading.definition(ExperimentFile.yaml(of: definition)) == definition)
        let json = ExperimentFile.json(of: definition)
        #expect(try Reading.definition(json).earlyTermination == expected)
        #expect(json.contains("\"early_termination\":\"none\"") == expected.isEmpty)
        #expect(ExperimentFile.yaml(of: definition).contains("early_termination") != expected.isEmpty)
    }

    private static let wrong: [(String, [String])] = [
        (
            "bandito",
            [
                "20: there is no policy \"bandito\"; did you mean \"bandit\"?; the policies are: none, bandit, "
                    + "median_stopping, truncation_selection, asha, decay_curve, threshold, not_finite"
            ]
        ),
        (
            "hyperband",
            ["20: there is no policy \"hyperband\"; write asha with brackets, such as {type: asha, brackets: 3}"]
        ),
        (
            "bandit",
            [
                "20: bandit needs slack_factor or slack_amount; write how far behind the best a trial may be, such as "
                    + "{type: bandit, slack_factor: 0.1}"
            ]
        ),
        (
            "{type: bandit, slack_factor: 0.1, slack_amount: 2}",
            ["68: bandit takes slack_factor or slack_amount, not both; remove one"]
        ),
        (
            "{type: bandit, slack_factor: -0.1}",
            [
                "49: bandit.slack_factor must be a number from 0, not the number -0.1; "
                    + "0.1 lets a trial be 10 % behind the best"
            ]
        ),
        (
            "{type: bandit, slak_factor: 0.1, delay_evaluation: -1}",
            [
                "20: bandit needs slack_factor or slack_amount; write how far behind the best a trial may be, such as "
                    + "{type: bandit, slack_factor: 0.1}",
                "35: unknown key \"slak_factor\" in bandit; did you mean \"slack_factor\"?",
                "71: bandit.delay_evaluation must be a whole number from 0 to 1000000000, not the number -1",
            ]
        ),
        (
            "{type: asha, evaluation_interval: 2}",
            [
                "33: unknown key \"evaluation_interval\" in asha; it is applied at its rungs, "
                    + "which follow from min_resource and reduction_factor"
            ]
        ),
        ("{type: asha, patience: 2}", ["33: unknown key \"patience\" in asha; it is a setting of median_stopping"]),
        (
            "{type: asha, min_resource: 9, max_resource: 9}",
            ["64: asha.max_resource (9) must be above min_resource (9): there would be no rung"]
        ),
        (
            "{type: truncation_selection}",
            [
                "20: truncation_selection.truncation_percentage is missing; write how many per cent are stopped, "
                    + "such as truncation_percentage: 20"
            ]
        ),
        (
            "{type: truncation_selection, truncation_percentage: 100}",
            ["72: truncation_selection.truncation_percentage must be a whole number from 1 to 99, not the number 100"]
        ),
        (
            "{type: median_stopping, percentile: 101}",
            ["56: median_stopping.percentile must be a number from 0 to 100, not the number 101"]
        ),
        (
            "threshold",
            ["20: threshold needs lower or upper; write what is still good, such as {type: threshold, lower: 0.1}"]
        ),
        (
            "{type: threshold, lower: 2, upper: 1}",
            ["55: threshold.upper must not be below threshold.lower: every trial would stop"]
        ),
        ("{name: bandit}", ["21: unknown key \"name\" in a policy; did you mean \"type\"?"]),
        (
            "{slack_factor: 1}",
            ["20: a policy needs a type; write which policy it is, such as {type: bandit, slack_factor: 0.1}"]
        ),
        ("[]", ["20: early_termination must have 1 to 16 policies, not 0; write none for no policy"]),
        ("[asha, none]", ["27: none means no policy: it stands alone, without settings"]),
        ("[[asha]]", ["21: a policy must be a name or a mapping with type, not a list"]),
        (
            "{any_of: asha}",
            ["29: any_of must be a list of policies, not the text \"asha\"; write any_of: [asha, not_finite]"]
        ),
        ("{any_of: [asha], type: asha}", ["37: any_of stands alone; move \"type\" into one of its policies"]),
        ("[{any_of: [asha]}]", ["21: any_of cannot stand in another list; write its policies there"]),
        ("{type: none, delay_evaluation: 5}", ["27: none means no policy: it stands alone, without settings"]),
    ]

    @Test("mistakes have their places and say what to write, all at once", arguments: wrong)
    func mistakes(yaml: String, expected: [String]) { #expect(Self.messages(yaml) == expected) }

    @Test("a setting at the top of the file is told where it belongs")
    func misplaced() {
        #expect(
            Reading.messages(Self.frame + "slack_factor: 0.1\n") == [
                "search.yaml:5:1: error: unknown key \"slack_factor\"; it belongs to early_termination, as in "
                    + "early_termination: {type: bandit, slack_factor: …}"
            ]
        )
    }

    private static func options(_ policies: [String]) -> Swift.Result<[PolicySpecification], ExperimentFileErrors> {
        let options = ExperimentOptions(
            spaces: ["x=[1, 2]"],
            command: ["true"],
            metric: "loss",
            goal: "minimize",
            policies: policies,
            maxTrials: 3,
            workingDirectory: "/"
        )
        return Swift.Result { () throws(ExperimentFileErrors) in
            try ExperimentFile.definition(fromOptions: options, defaultSeed: 1).definition.earlyTermination
        }
    }

    @Test(
        "the option means the same as the file, as it is shown and repeated",
        arguments: good.filter { !$0.1.isEmpty }
    )
    func option(yaml: String, expected: [PolicySpecification]) throws {
        #expect(try Self.options(expected.map(\.optionText)).get() == expected)
        let isMapping = yaml.hasPrefix("{") && !yaml.hasPrefix("{any_of")
        if isMapping { #expect(try Self.options([yaml]).get() == expected) }
    }

    @Test("mistakes in options name the option")
    func optionMistakes() throws {
        #expect(try Self.options(["none"]).get().isEmpty)
        #expect(try Self.options([]).get().isEmpty)
        let wrong = ["bandit:slak_factor=0.1", "asha:brackets", "asha:brackets=2,brackets=3"]
        guard case .failure(let errors) = Self.options(wrong) else {
            Issue.record("it was read")
            return
        }
        let messages = errors.diagnostics.map(\.description)
        for message in [
            "--policy 'bandit:slak_factor=0.1': error: unknown key \"slak_factor\" in bandit; did you mean \"slack_factor\"?",
            "--policy 'asha:brackets': error: \"brackets\" is no setting; write NAME=VALUE, "
                + "such as bandit:slack_factor=0.1,delay_evaluation=5",
            "--policy 'asha:brackets=2,brackets=3': error: the setting \"brackets\" is there twice",
        ] {
            #expect(messages.contains(message), "\(messages)")
        }
    }

    @Test("options stand in place of what the file says")
    func override() throws {
        let text = Self.frame + "early_termination: {type: bandit, slack_factor: 0.1}\n"
        func read(_ policies: [String]) throws -> [PolicySpecification] {
            try ExperimentFile.read(
                text: text,
                fileName: "search.yaml",
                directory: "/",
                defaultSeed: 1,
                policies: policies
            ).definition.earlyTermination
        }
        #expect(try read([]).map(\.kind) == [.bandit])
        #expect(try read(["asha", "not_finite"]).map(\.kind) == [.asha, .notFinite])
        #expect(try read(["none"]).isEmpty)
    }
}
