import Chaos
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("The journal of a chaos run")
struct JournalTests {
    static let lines = """
        start es1a2b3c4 7 1 node:12:00ff 100 1000 00000000000000ab -
        alive es1a2b3c4 7 1 node:12:00ff 100 1500 00000000000000ab -
        start es1a2b3c4 7 2 node:13:00aa 101 1700 00000000000000ab -
        end es1a2b3c4 7 2 node:13:00aa 101 2000 00000000000000ab 0.1
        start es1a2b3c4 8 1 node:12:00ff 102 1100 00000000000000cd -
        end es1a2b3c4 8 1 node:12:00ff 102 1200 00000000000000cd failed

        """

    @Test("lines become processes, in order of their starts, with the last moment at which each was seen")
    func executions() throws {
        let journal = Journal(text: Self.lines)
        #expect(journal.strayLines == 0)
        let experiment = ExperimentID("es1a2b3c4")
        let two = journal[TrialID(experiment: experiment, number: 7)]
        try #require(two.count == 2)
        #expect(two.map(\.attempt) == [1, 2])
        #expect(two.map(\.lastSeenAt) == [1500, 2000])
        #expect(two.map(\.result) == [nil, .value(0.1)])
        #expect(two[1].worker == WorkerID("node:13:00aa"))
        #expect(two[1].assignmentHash == 0xab)
        #expect(journal[TrialID(experiment: experiment, number: 8)].map(\.result) == [.failed])
    }

    @Test("a line that was cut at the end of the file is left out; any other that makes no sense is counted")
    func cut() {
        #expect(Journal(text: Self.lines + "start es1a2b3c4 9 1 no").strayLines == 0)
        #expect(Journal(text: "start es1a2b3c4 9 1 no\n").strayLines == 1)
        #expect(Journal(text: "end es1a2b3c4 7 2 node:13:00aa 101 2000 ab 0.1\n").strayLines == 1, "without a start")
        #expect(Journal(text: "\n").strayLines == 1)
    }

    @Test("the function of the trials gives what scripts/chaos.d/trial.c wrote down for the same assignments")
    func function() {
        let assignment: Assignment = ["x": .double(0.5), "y": .integer(3)]
        #expect(TrialFunction.value(of: assignment) == 3.25)
        #expect(TrialFunction.hash(of: assignment) == 0x4579_304b_04e5_f83e)
        #expect((1...3).allSatisfy { !TrialFunction.fails(assignment, attempt: $0) })
        #expect(TrialFunction.fails(["x": .integer(4), "y": .integer(3)], attempt: 1))
        #expect(!TrialFunction.fails(["x": .integer(4), "y": .integer(3)], attempt: 2))
        #expect(TrialFunction.value(of: ["x": .double(0.5)]) == nil)
    }
}
