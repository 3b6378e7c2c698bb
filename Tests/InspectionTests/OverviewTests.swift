import APIContract
import CommandLineSupport
import Coordination
import ExperimentModel
import Inspection
import MemoryTrialStore
import SearchSpace
import Testing
import TuningTestKit

@Suite("Overviews", .timeLimit(.minutes(10)))
struct OverviewTests {
    private let id = ExperimentID("es0000001")

    @Test("a worker is silent after a lease, draining when told to leave, and busy with what it holds")
    func workers() {
        func worker(_ name: String, seen: Int64, isDraining: Bool = false) -> Worker {
            Worker(
                id: WorkerID(name),
                host: "node",
                processID: 7,
                slots: 2,
                isDraining: isDraining,
                version: "1",
                lastSeen: Timestamp(milliseconds: seen)
            )
        }
        func running(_ number: Int, _ worker: String) -> RunningTrial {
            RunningTrial(
                id: TrialID(experiment: id, number: number),
                attempt: 1,
                worker: WorkerID(worker),
                claimedAt: nil,
                leaseUntil: nil
            )
        }
        let found = WorkerOverview.make(
            [
                worker("c", seen: 69_999, isDraining: true), worker("b", seen: 70_000, isDraining: true),
                worker("a", seen: 100_500),
            ],
            running: [running(9, "a"), running(2, "a"), running(3, "gone")],
            now: Timestamp(milliseconds: 100_000),
            lease: .seconds(30)
        )
        #expect(found.map(\.worker.id.rawValue) == ["a", "b", "c"])
        #expect(found.map(\.state) == [.live, .draining, .silent])
        #expect(found.map(\.silence) == [.zero, .seconds(30), .milliseconds(30_001)])
        #expect(found.map { $0.running.map(\.id.number) } == [[2, 9], [], []])
    }

    private func trials(_ values: [Double?]) throws -> [Trial] {
        try values.enumerated().map { index, value in
            var trial = try TrialStoreConformance.trial(index + 1, of: id)
            trial.state = value == nil ? .failed : .done
            trial.value = value
            return trial
        }
    }

    @Test("trials are listed by state, by value in the direction of the goal, and the best of them")
    func listing() throws {
        let trials = try trials([2, nil, 1, 3, 1])
        func numbers(_ listing: TrialListing, _ goal: Objective.Goal = .minimize) -> [Int] {
            listing.select(trials, Objective(metric: "loss", goal: goal)).map(\.id.number)
        }
        #expect(numbers(TrialListing()) == [1, 2, 3, 4, 5])
        #expect(numbers(TrialListing(states: [.failed])) == [2])
        #expect(numbers(TrialListing(order: .value)) == [3, 5, 1, 4, 2])
        #expect(numbers(TrialListing(order: .value), .maximize) == [4, 1, 3, 5, 2])
        #expect(numbers(TrialListing(best: 2)) == [3, 5])
        #expect(numbers(TrialListing(best: 99), .maximize) == [4, 1, 3, 5])
    }

    @Test("lines are cut to a terminal's width, and whole without one")
    func fitting() {
        var table = TextTable(["A", "B"])
        table.add(["1", "abcdefghij"])
        #expect(table.lines(fitting: nil) == ["A  B", "1  abcdefghij"])
        #expect(table.lines(fitting: 8) == ["A  B", "1  abcd…"])
        #expect(table.lines(fitting: 13) == ["A  B", "1  abcdefghij"])
    }

    @Test("columns are as wide as a terminal shows them; text gives way to what stands behind it, numbers do not")
    func columns() {
        var table = TextTable(["NAME", ">VALUE", "WHY"])
        table.add(["数字と文字", "1.5", "fine"])
        table.add(["e\u{301}a\u{1B}[2J", "-12.25", "a👩‍👩‍👧b"])
        #expect(
            table.lines == ["NAME         VALUE  WHY", "数字と文字     1.5  fine", "éa?[2J      -12.25  a👩‍👩‍👧b"]
        )
        var long = TextTable(["NAME", ">VALUE", "WHY"])
        long.add([String(repeating: "長", count: 40), "123456789012345678", "because it was so"])
        #expect(
            long.lines(fitting: 50, mark: "~")
                == [
                    "NAME                             VALUE  WHY",
                    "長長長長長長長長~   123456789012345678  because i~",
                ]
        )
        for width in 20...120 {
            #expect(long.lines(fitting: width).allSatisfy { TextWidth.columns($0) <= width })
        }
    }

    @Test("an experiment's overview counts points without a trial, and ends with what happened last")
    func experiment() async throws {
        let store: any TrialStore = MemoryTrialStore { Timestamp(milliseconds: 1_800_000_000_000) }
        var lead = try await TrialStoreConformance.running(store, trials: 0)
        for name in ["used", "waits"] {
            let point = EnqueuedPoint(id: name, values: .init())
            lead.experiment = try #require(try await store.enqueue(point, experiment: lead.id))
        }
        _ = try await store.reserveTrials(2, lead: lead)
        var made = try TrialStoreConformance.trial(1, of: lead.id)
        made.origin = .enqueued("used")
        try await store.insertTrials([made, try TrialStoreConformance.trial(2, of: lead.id)])
        _ = try await TrialStoreConformance.claim(store, lead.id)
        let found = try #require(try await store.experiment(lead.id))
        let overview = try await ExperimentOverview(of: found, in: store, lease: .seconds(30))
        #expect(overview.waitingPoints == 1)
        #expect(overview.running.map(\.id.number) == [1])
        #expect(overview.lead?.leader == "leader-1")
        #expect(overview.counts == [.new: 1, .running: 1])
        #expect(
            overview.waiting.map(\.text) == ["1 new trial waits: no live worker (`hyperworker --count 2` starts one)"]
        )
        #expect(
            ExperimentView.json(overview).json.contains(
                #""waiting":["1 new trial waits: no live worker (`hyperworker --count 2` starts one)"]"#
            )
        )
        #expect(overview.events.map(\.kind) == [.pointEnqueued, .pointEnqueued, .claimed])
    }
}
