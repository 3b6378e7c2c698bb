import Coordination
import ExperimentModel
import Inspection
import Testing

@Suite("Naming workers")
struct WorkerSelectionTests {
    private let workers = WorkerOverview.make(
        [("node1", 4711, 100), ("node1", 4712, 100), ("node10", 1, 100), ("old", 5, 0), ("old", 6, 100)].map {
            (host: String, process: Int32, seen: Int64) in
            Worker(
                id: WorkerID("\(host):\(process):00000000000000ff"),
                host: host,
                processID: process,
                slots: 1,
                version: "1",
                lastSeen: Timestamp(milliseconds: seen * 1000)
            )
        },
        running: [],
        now: Timestamp(milliseconds: 100_000),
        lease: .seconds(30)
    )

    private func processes(_ word: String) throws -> [Int32] {
        try WorkerSelection.workers(meant: word, among: workers).map(\.worker.processID)
    }

    @Test("an id means that worker, also a silent one")
    func exact() throws {
        #expect(try processes("node1:4712:00000000000000ff") == [4712])
        #expect(try processes("old:5:00000000000000ff") == [5])
    }

    @Test("a host means all live workers on it, not those of hosts that begin alike")
    func host() throws {
        #expect(try processes("node1") == [4711, 4712])
        #expect(try processes("node10") == [1])
        #expect(try processes("old") == [6])
    }

    @Test("the beginning of one id is enough, of several it is not")
    func beginning() throws {
        #expect(try processes("node1:4711") == [4711])
        #expect(try processes("node10:") == [1])
        #expect(try processes("ol") == [6])
        #expect(try processes("old:5") == [5])
        let ids = workers.map(\.worker.id).filter { $0.rawValue.hasPrefix("node") }
        #expect(throws: WorkerSelection.Failure.ambiguous("node", ids)) { try processes("node") }
        #expect(WorkerSelection.Failure.ambiguous("node", ids).description.contains("node1:4711:"))
    }

    @Test("what fits nobody is said", arguments: ["", "node2", "node1:4711:00000000000000ffff"])
    func nobody(word: String) {
        #expect(throws: WorkerSelection.Failure.noSuch(word)) { try processes(word) }
    }
}
