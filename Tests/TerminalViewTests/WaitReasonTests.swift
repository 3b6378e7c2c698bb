import ExperimentModel
import Inspection
import Testing

@testable import TerminalView

@Suite("Why an experiment waits")
struct WaitReasonTests {
    private struct Case {
        var name: String
        var change: (inout LiveSnapshot) -> Void
        var expected: [String]
    }

    @Test("every reason is told with what to do about it")
    func table() throws {
        let other = ExperimentID("es0000002")
        let silent = try [7, 8].map { try Pictures.running($0, lease: .seconds(30)) }
        let cases: [Case] = [
            Case(name: "all goes well", change: { _ in }, expected: []),
            Case(
                name: "no worker",
                change: { $0.workers = [] },
                expected: ["3 new trials wait: no live worker (`hyperworker --count 2` starts one)"]
            ),
            Case(
                name: "no worker yet",
                change: {
                    $0.workers = []
                    $0.isOurRun = true
                    $0.counts = [.new: 1]
                },
                expected: ["1 new trial waits: no worker has started yet"]
            ),
            Case(
                name: "no trial yet either",
                change: {
                    $0.workers = []
                    $0.counts = [:]
                },
                expected: ["no live worker (`hyperworker --count 2` starts one)"]
            ),
            Case(
                name: "workers of others",
                change: { $0.workers = [Pictures.worker("a", only: [other])] },
                expected: ["3 new trials wait: no live worker serves it (1 of others)"]
            ),
            Case(
                name: "draining workers",
                change: { $0.workers = [Pictures.worker("a", isDraining: true)] },
                expected: ["3 new trials wait: no live worker serves it (1 draining)"]
            ),
            Case(
                name: "a pause",
                change: { $0.experiment.state = .paused },
                expected: ["paused by user (2 running trials may finish): `hyperserver resume es0000001`"]
            ),
            Case(
                name: "a pause without trials and without a leader",
                change: {
                    $0.experiment.state = .paused
                    $0.experiment.lead = nil
                    $0.counts = [.done: 7]
                },
                expected: ["paused by user: `hyperserver resume es0000001`"]
            ),
            Case(
                name: "a worker that is gone",
                change: { $0.running = silent },
                expected: ["no sign from the worker of 2 running trials, which are taken from it in 5s"]
            ),
            Case(
                name: "no leader",
                change: { $0.experiment.lead?.leaseUntil = Pictures.start },
                expected: ["no server leads it: `hyperserver start`, or `hyperserver run --resume es0000001`"]
            ),
            Case(
                name: "our own run takes the lead soon",
                change: {
                    $0.experiment.lead = nil
                    $0.isOurRun = true
                },
                expected: []
            ),
            Case(
                name: "an end that is being carried out",
                change: { $0.experiment.ending = ExperimentEnding(state: .completed, reason: .maxDuration) },
                expected: ["ending (max_duration): 2 running trials must stop first"]
            ),
            Case(
                name: "max_concurrent_trials",
                change: {
                    $0.counts = [.running: 2]
                    $0.experiment.limits.maxConcurrentTrials = 2
                },
                expected: ["2 of 4 slots idle: max_concurrent_trials is 2"]
            ),
            Case(
                name: "the last trials",
                change: {
                    $0.counts = [.running: 2]
                    $0.experiment.limits.maxTrials = 10
                    $0.experiment.nextTrial = 11
                },
                expected: ["2 of 4 slots idle: no further trial begins, max_trials is 10"]
            ),
            Case(
                name: "other experiments",
                change: {
                    $0.counts = [.new: 3]
                    $0.standstill = .seconds(70)
                },
                expected: ["3 new trials wait: workers have been busy elsewhere for 1m10s"]
            ),
            Case(
                name: "a silent store, which hides all else",
                change: {
                    $0.workers = []
                    $0.silence = .seconds(12)
                },
                expected: ["the store has not answered for 12s; what is shown is older"]
            ),
            Case(name: "the end", change: { $0.experiment.state = .completed }, expected: []),
        ]
        for item in cases {
            var snapshot = LiveSnapshot(
                experiment: try Pictures.experiment(),
                counts: [.new: 3, .running: 2],
                workers: [Pictures.worker("a"), Pictures.worker("b")],
                now: Pictures.start + .seconds(25)
            )
            item.change(&snapshot)
            #expect(WaitReason.all(snapshot.circumstances).map(\.text) == item.expected, "\(item.name)")
        }
    }

    @Test("without times, a reason stays the same while it holds")
    func summaries() throws {
        var snapshot = try Pictures.middle()
        snapshot.running = [try Pictures.running(7, lease: .seconds(30))]
        snapshot.now = Pictures.start + .seconds(25)
        snapshot.readAt = snapshot.now
        #expect(WaitReason.all(snapshot.circumstances).map(\.summary) == ["no sign from the worker of a running trial"])
        snapshot.silence = .seconds(5)
        #expect(WaitReason.all(snapshot.circumstances).map(\.summary) == ["the store does not answer"])
        snapshot.silence = nil
        snapshot.running = []
        snapshot.counts = [.new: 2]
        snapshot.standstill = .seconds(5)
        #expect(
            WaitReason.all(snapshot.circumstances).map(\.summary) == ["2 new trials wait: workers are busy elsewhere"]
        )
    }
}
