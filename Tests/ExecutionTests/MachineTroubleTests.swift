import ExperimentModel
import Foundation
import Glibc
import Logging
import Testing

@testable import Execution

@Suite("Troubles of a machine and mistakes of an experiment", .timeLimit(.minutes(10)))
struct MachineTroubleTests {
    private func run(_ request: AttemptRequest, workDirectory: String) async throws -> AttemptResult {
        let lab = try Lab()
        let executor = try ProcessTrialExecutor(
            settings: .init(workDirectory: workDirectory, host: "node"),
            memoryKills: MemoryKillWatch(counters: []),
            logger: Logger(label: "test")
        )
        return await executor.run(request, control: AttemptControl(), sink: lab.sink)
    }

    @Test("without room for its directory an attempt is refused, not failed: the trial can do nothing about it")
    func noDirectory() async throws {
        let lab = try Lab()
        let file = lab.directory.path + "/file"
        try "".write(toFile: file, atomically: true, encoding: .utf8)
        let request = try lab.request(.arguments(["true"]))
        for place in [file, "/proc/no-such-directory/trials"] {
            let result = try await run(request, workDirectory: place)
            guard case .refused(let outcome) = result else {
                Issue.record("\(place): \(result)")
                continue
            }
            #expect(outcome.cause == .drained)
            let message = try #require(outcome.message)
            #expect(message.contains(place) && message.contains("--workdir"), "\(message)")
        }
        // A root that is merely missing is made.
        let missing = lab.directory.path + "/a/b"
        #expect(try await run(request, workDirectory: missing).outcome.cause == .noMetric)
    }

    @Test(
        "no further process, memory or descriptors are the machine's trouble",
        arguments: [EAGAIN, ENOMEM, EMFILE, ENFILE]
    )
    func noRoom(code: Int32) {
        let error = ExecutionError.refusal(ProcessSpawner.Failure(code: code), program: "python3", host: "node")
        #expect(error.isTroubleOfMachine)
        let text = error.description
        #expect(text.contains("python3") && text.contains("node") && text.contains("fewer slots"), "\(text)")
    }

    @Test("what is wrong with the program stays the trial's", arguments: [E2BIG, ENOEXEC, ENOENT, EACCES, ENOSYS])
    func mistakes(code: Int32) {
        let error = ExecutionError.refusal(ProcessSpawner.Failure(code: code), program: "python3", host: "node")
        #expect(!error.isTroubleOfMachine)
    }

    @Test("a missing program or working directory, or an id that is no file name, fails as ever")
    func failures() async throws {
        let lab = try Lab()
        var odd = try lab.request(.arguments(["true"]))
        odd.trial = TrialID(experiment: ExperimentID("../x"), number: 1)
        let requests = [
            try lab.request(.arguments(["no-such-program"])),
            try lab.request(.arguments(["true"]), workingDirectory: "/no/such/directory"), odd,
        ]
        for request in requests {
            let result = try await run(request, workDirectory: lab.directory.path + "/work")
            guard case .finished(let outcome) = result else {
                Issue.record("\(result)")
                continue
            }
            #expect(outcome.cause == .failed && outcome.message?.isEmpty == false)
        }
    }
}
