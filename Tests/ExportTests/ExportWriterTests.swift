import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Export

@Suite("Exports")
struct ExportWriterTests {
    private static let text = """
        name: digits
        command: [python3, train.py]
        search_space:
          model:
            - {type: svm, C: "hp.loguniform('C', -4, 6)"}
            - {type: "=cmd|' /C calc'!A0"}
            - plain
          value: {type: int, min: 1, max: 5}
          note: ["-x, y", "-5", "+1e3", "@x", "say \\"hi\\"\\n"]
        objective: {metric: accuracy, goal: maximize}
        sampler: {type: random, seed: 18446744073709551615}
        limits: {max_trials: 5}
        working_directory: /srv
        """

    private func experiment() throws -> Experiment {
        let definition = try ExperimentFile.read(
            text: Self.text,
            fileName: "digits.yaml",
            directory: "/srv",
            defaultSeed: 1
        )
        .definition
        var experiment = Experiment(id: ExperimentID("es1a2b3c4"), definition: definition, createdAt: Self.time(0))
        experiment.state = .completed
        experiment.ending = ExperimentEnding(state: .completed, reason: .maxTrials)
        experiment.finishedAt = Self.time(10_000)
        return experiment
    }

    private static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + milliseconds)
    }

    private func trial(_ number: Int, _ assignment: Assignment) -> Trial {
        var trial = Trial(
            id: TrialID(experiment: ExperimentID("es1a2b3c4"), number: number),
            suggestion: Suggestion(),
            assignment: assignment,
            createdAt: Self.time(0)
        )
        trial.state = .done
        trial.cause = .succeeded
        trial.value = 0.5
        trial.attempt = 1
        trial.finishedAt = Self.time(3500)
        trial.attempts = [
            TrialAttempt(
                number: 1,
                worker: WorkerID("=node:1:a"),
                host: "=node",
                claimedAt: Self.time(1000),
                endedAt: Self.time(3500),
                outcome: AttemptOutcome(cause: .succeeded, value: 0.5)
            )
        ]
        return trial
    }

    private func trials() -> [Trial] {
        [
            trial(1, ["model": ["type": "svm", "C": 2.0], "value": 3, "note": "-x, y"]),
            trial(2, ["model": ["type": "=cmd|' /C calc'!A0"], "value": 1, "note": "-5"]),
            trial(3, ["model": "plain", "value": 5, "note": "say \"hi\"\n"]),
        ]
    }

    private func written(_ format: ExportFormat, observations: [Observation]? = nil) throws -> String {
        var writer = ExportWriter(try experiment(), format: format)
        var text = writer.begin(counts: [.done: 3], best: nil)
        // Pages of any size give the same text.
        for page in [Array(trials().prefix(2)), [], Array(trials().suffix(1))] { text += writer.trials(page) }
        if let observations { text += writer.beginObservations() + writer.observations(observations) }
        return text + writer.end()
    }

    @Test(
        "csv has a column for each path of the space, empty where a trial has none, and runs nothing in a spreadsheet"
    )
    func csv() throws {
        let text = try written(.csv)
        let start = "2027-01-15T08:00:0"
        #expect(
            text == """
                trial,state,cause,value,attempts,worker,host,created_at,started_at,finished_at,seconds,charges,stopped_at,\
                stop_message,model.type,model.C,model,params.value,note\r
                1,done,succeeded,0.5,1,'=node:1:a,'=node,\(start)0.000Z,\(start)1.000Z,\(start)3.500Z,2.5,,,,svm,2,,3,"'-x, y"\r
                2,done,succeeded,0.5,1,'=node:1:a,'=node,\(start)0.000Z,\(start)1.000Z,\(start)3.500Z,2.5,,,,'=cmd|' /C calc'!A0,,,1,-5\r
                3,done,succeeded,0.5,1,'=node:1:a,'=node,\(start)0.000Z,\(start)1.000Z,\(start)3.500Z,2.5,,,,,,plain,5,"say ""hi""
                "\r

                """
        )
    }

    @Test("a trial that nobody has claimed has empty cells")
    func unclaimed() throws {
        let new = Trial(
            id: TrialID(experiment: ExperimentID("es1a2b3c4"), number: 4),
            suggestion: Suggestion(),
            assignment: ["model": "plain", "value": 5, "note": "+1e3"],
            createdAt: Self.time(0)
        )
        var writer = ExportWriter(try experiment(), format: .csv)
        var charged = new
        charged.charges = [.lost: 2, .failed: 1, .timedOut: 0]
        #expect(writer.trials([charged]).contains(",failed:1 lost:2,"))
        var stopped = new
        stopped.cause = .stoppedEarly
        stopped.earlyStop = EarlyStop(
            attempt: 0,
            interval: 5,
            policy: .bandit,
            value: 0.61,
            threshold: 0.66,
            message: "stopped at interval 5: best 0.61 below 0.66, bandit"
        )
        #expect(writer.trials([stopped]).contains(",,5,\"stopped at interval 5: best 0.61 below 0.66, bandit\","))
        stopped.cause = .succeeded
        #expect(!writer.trials([stopped]).contains("stopped at"))
        #expect(writer.trials([new]) == "4,new,,,0,,,2027-01-15T08:00:00.000Z,,,,,,,,,plain,5,+1e3\r\n")
    }

    @Test("a cell is quoted where it must be, whatever stands on its quotation marks")
    func quoting() {
        #expect(
            CSVText.row(["a", "b,c", "d\"\u{301}e", " f", "g\r\nh", ""])
                == "a,\"b,c\",\"d\"\"\u{301}e\",\" f\",\"g\r\nh\",\r\n"
        )
        #expect(
            ["=a", "@a", "\ta", "-a", "-1.5e3", "+", "a=b", "-inf"].map(CSVText.harmless) == [
                "'=a", "'@a", "'\ta", "'-a", "-1.5e3", "'+", "a=b", "-inf",
            ]
        )
    }

    @Test("jsonl has one trial a line")
    func jsonLines() throws {
        let lines = try written(.jsonl).split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines {
            guard case .mapping(let trial) = try ParameterValue(json: String(line)) else {
                Issue.record("\(line)")
                return
            }
            #expect(Array(trial.keys.prefix(3)) == ["trial", "state", "cause"])
        }
    }

    @Test("json holds a definition that is read back as the same, the trials, and reported values if wanted")
    func json() throws {
        let observations = [0.5, .nan, -.infinity].enumerated().map { index, value in
            Observation(
                trial: trials()[0].id,
                attempt: 1,
                sequence: index,
                metric: "accuracy",
                step: 7,
                value: value
            )
        }
        let text = try written(.json, observations: observations)
        guard case .mapping(let root) = try ParameterValue(json: Self.withSmallSeed(text)),
            case .mapping(let head) = root["experiment"], case .list(let trials) = root["trials"],
            case .list(let values) = root["observations"]
        else {
            Issue.record("\(text)")
            return
        }
        #expect(head["state"] == "completed" && head["reason"] == "max_trials" && head["experiment"] == "es1a2b3c4")
        #expect(trials.count == 3)
        let shown = values.map { value -> ParameterValue? in
            if case .mapping(let fields) = value { fields["value"] } else { nil }
        }
        #expect(shown == [0.5, "NaN", "-Infinity"])
        let definition = try #require(text.firstRange(of: "\"definition\":"))
        let end = try #require(text.firstRange(of: "},\"trials\":["))
        let file = String(text[definition.upperBound..<end.lowerBound])
        let again = try ExperimentFile.read(text: file, fileName: "again.json", directory: "/srv", defaultSeed: 1)
            .definition
        #expect(again.searchSpace == (try experiment().definition.searchSpace))
        #expect(again.sampler == (try experiment().definition.sampler))
        #expect(try written(.json).hasSuffix("]}\n"))
    }

    /// Values have no number as large as the seed.
    private static func withSmallSeed(_ text: String) -> String { text.replacing("18446744073709551615", with: "1") }

    @Test("yaml says the same: its definition is read back as an equal one, and its trials as the same values")
    func yaml() throws {
        let text = try written(.yaml, observations: [])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "  definition:")) + 1
        let end = try #require(lines.firstIndex(of: "trials:"))
        let file = lines[start..<end].map { $0.dropFirst(4) }.joined(separator: "\n")
        let again = try ExperimentFile.read(text: file, fileName: "again.yaml", directory: "/srv", defaultSeed: 1)
            .definition
        #expect(again == (try experiment().definition))
        #expect(text.contains("\n- trial: 1\n") && text.hasSuffix("\nobservations: []\n"))
    }

    @Test("an experiment without trials is complete in every format", arguments: ExportFormat.allCases)
    func empty(format: ExportFormat) throws {
        var writer = ExportWriter(try experiment(), format: format)
        let text = writer.begin(counts: [:], best: nil) + writer.trials([]) + writer.end()
        switch format {
        case .csv: #expect(text.hasSuffix(",note\r\n"))
        case .jsonl: #expect(text.isEmpty)
        case .json: #expect(text.hasSuffix(",\"trials\":[]}\n"))
        case .yaml: #expect(text.hasSuffix("\ntrials: []\n"))
        }
    }

    @Test(
        "the format follows the file's extension",
        arguments: [
            ("a.csv", .csv), ("b/c.JSON", .json), ("x.ndjson", .jsonl), ("x.jsonl", .jsonl), ("x.yml", .yaml),
            ("csv", nil), (".csv", nil), ("a.csv/b", nil), ("x.txt", nil),
        ] as [(String, ExportFormat?)]
    )
    func extensions(name: String, format: ExportFormat?) {
        #expect(ExportFormat(fileName: name) == format)
    }
}
