import APIContract
import Coordination
import ExperimentModel
import Foundation
import Inspection
import OrderedCollections
import SearchSpace
import Testing
import TuningTestKit

@Suite("Examples of --json in docs/schema.md")
struct SchemaExamplesTests {
    private let id = ExperimentID("es6mgrupj")
    private let worker = WorkerID("vm:27318:401e70203dbcd128")
    private let time = Timestamp(milliseconds: 1_795_258_424_165)

    /// The keys of a JSON text with the keys of what they hold, order and values left out.
    private func shape(_ text: String) throws -> NSObject {
        func shape(_ value: Any) -> Any {
            switch value {
            case let mapping as [String: Any]: mapping.mapValues(shape)
            case let list as [Any]: list.prefix(1).map(shape)
            default: ""
            }
        }
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(shape(value) as? NSObject)
    }

    /// The first example under a heading.
    private func example(_ heading: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/schema.md"), encoding: .utf8)
        let section = try #require(text.range(of: "\n### \(heading)\n")).upperBound
        let start = try #require(text.range(of: "```json\n", range: section..<text.endIndex)).upperBound
        let end = try #require(text.range(of: "\n```", range: start..<text.endIndex)).lowerBound
        return String(text[start..<end])
    }

    private func trial() throws -> Trial {
        var trial = try TrialStoreConformance.trial(2, of: id)
        trial.claim(by: worker, host: "vm", at: time, lease: .seconds(30))
        trial.end(
            with: AttemptOutcome(cause: .failed, exitStatus: 3, message: "m", errorTail: "boom", arguments: ["sh"]),
            retries: RetryLimits(),
            at: time
        )
        return trial
    }

    @Test("are of the shape that the programs print")
    func shapes() throws {
        let event = ExperimentEvent(.attemptEnded, at: time, trial: 18, attempt: 1, cause: .succeeded, value: 1)
        #expect(try shape(EventView.list([event]).json) == shape(example("`events ID --json`")))

        let running = RunningTrial(
            id: TrialID(experiment: id, number: 3),
            attempt: 1,
            worker: worker,
            claimedAt: time,
            leaseUntil: time
        )
        let known = Worker(id: worker, host: "vm", processID: 27318, slots: 2, version: "1", lastSeen: time)
        let workers = WorkerOverview.make([known], running: [running], now: time, lease: .seconds(30))
        #expect(try shape(WorkerView.list(workers).json) == shape(example("`workers --json`")))

        let report = Observation(trial: running.id, attempt: 1, sequence: 0, metric: "loss", step: 0, value: .nan)
        let detail = TrialView.detail(try trial(), observations: [report])
        let heading = "`trials ID --trial N --json`, `trials ID --dead --json`"
        #expect(try shape(detail.json) == shape(example(heading)))
        #expect(detail.json.contains("\"value\":null}]"))

        var stopped = try trial()
        stopped.earlyStop = EarlyStop(
            attempt: 1,
            interval: 2,
            policy: .bandit,
            value: 0.61,
            threshold: .nan,
            message: "m"
        )
        var curve = CurveSketch(Objective(metric: "loss", goal: .minimize))
        curve.add(step: 0, value: 0.4)
        curve.add(step: 1, value: .infinity)
        let curves = TrialView.list([(stopped, curve)])
        var stoppedExample = try example("`trials ID --curves --json`")
        // Attempts are left out there, and parameters differ.
        stoppedExample = stoppedExample.replacing("\"lr\":0.3", with: "\"x\":0.25")
        guard case .mapping(var list) = curves, case .list(let items) = list["trials"],
            case .mapping(var first) = items.first
        else {
            Issue.record("\(curves.json)")
            return
        }
        first["attempts"] = .list([])
        list["trials"] = [.mapping(first)]
        #expect(try shape(ParameterValue.mapping(list).json) == shape(stoppedExample))
        #expect(curves.json.contains("\"threshold\":null") && curves.json.contains("{\"step\":1,\"value\":null}"))
        #expect(TrialView.list([(stopped, nil)]).json.hasSuffix("\"curve\":null}]}"))
        let overview = ExperimentView.adding(stopped: 3, [PolicySpecification(.notFinite)], to: ["a": 1])
        #expect(
            overview.json
                == "{\"a\":1,\"early_termination\":[{\"type\":\"not_finite\",\"evaluation_interval\":1,\"delay_evaluation\":0}],"
                + "\"stopped_early\":3}"
        )

        var rendering = LogRendering(.json)
        let chunk = LogChunk(trial: running.id, attempt: 1, stream: .stdout, sequence: 0, bytes: Array("a\n".utf8))
        let line = String(decoding: rendering.render(.chunk(chunk)), as: UTF8.self)
        #expect(try shape(line) == shape(example("`logs ID [TRIAL] --follow --json`")))
    }
}
