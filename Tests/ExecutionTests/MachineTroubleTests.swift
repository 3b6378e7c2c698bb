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

    @Test("an attempt for whose directory there was no room leaves none behind")
    func halfDirectory() throws {
        let lab = try Lab()
        let trial = TrialID(experiment: ExperimentID("es0000001"), number: 1)
        // So long that the attempt's own directory has a path that the kernel takes, and nothing in it has.
        let rest = Int(PATH_MAX) - 4 - lab.directory.path.utf8.count - "/es0000001/1-1".utf8.count
        let root = (0..<(rest / 201)).reduce(lab.directory.path) { path, _ in
            path + "/" + String(repeating: "d", count: 200)
        }
        let padded = root + "/" + String(repeating: "d", count: max(1, rest % 201 - 1))
        let directory = try AttemptDirectory(root: padded, trial: trial, attempt: 1)
        #expect(throws: ExecutionError.self) { try directory.create(parameters: "{}") }
        #expect(access((directory.path as NSString).deletingLastPathComponent, F_OK) == 0)
        #expect(access(directory.path, F_OK) != 0)
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
