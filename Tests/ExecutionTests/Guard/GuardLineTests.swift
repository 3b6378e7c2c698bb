import ExperimentModel
import Testing

@testable import Execution

@Suite("Lines to the guard")
struct GuardLineTests {
    private static let attempt = GuardedAttempt(TrialID(experiment: ExperimentID("es1a2b3c4"), number: 17), attempt: 2)

    @Test(
        "what is written is read",
        arguments: [
            GuardLine.worker(process: 7, id: "a host:7:00ff"),
            .attempt(attempt, end: BootInstant(milliseconds: 86_400_123)),
            .group(4_194_304, nil), .group(2, attempt), .forget(9), .done(attempt), .goodbye,
        ]
    )
    func roundTrip(line: GuardLine) {
        #expect(GuardLine(line.text) == line)
        #expect(line.text.utf8.count <= GuardLine.maximumBytes)
    }

    @Test(
        "what means nothing is passed over, and no number can mean everybody or ourselves",
        arguments: [
            "", " ", "container abc", "group", "group x", "group 0", "group 1", "group -5", "group 99999999999",
            "forget 1",
            "forget", "worker 5", "worker x y", "attempt es1/1 5", "attempt es1/1/1", "attempt es1/1/1 soon", "done 5",
        ]
    )
    func noise(text: String) {
        #expect(GuardLine(text) == nil)
    }

    @Test("the marks of an attempt are the variables that its process gets")
    func marks() throws {
        let lab = try Lab()
        let request = try lab.request(.arguments(["true"]), attempt: 2)
        let directory = try AttemptDirectory(root: "/w", trial: request.trial, attempt: request.attempt)
        let variables = try TrialEnvironment(inherited: ["HYPER_WORKER_ID": "outer"])
            .variables(for: request, directory: directory, parameters: "{}")
        let entries = Set(variables.map { "\($0)=\($1)" })
        let marks = GuardedAttempt(request.trial, attempt: 2).marks(worker: "host:1:00ff")
        #expect(marks.count == 4 && entries.isSuperset(of: marks))
    }
}
