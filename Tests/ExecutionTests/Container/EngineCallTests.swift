import Foundation
import Synchronization
import Testing

@testable import Execution

@Suite("A call of an engine", .timeLimit(.minutes(1)))
struct EngineCallTests {
    private static func call(
        _ script: String,
        timeout: Duration = .seconds(30),
        isCancelled: (@Sendable () -> Bool)? = nil
    ) -> EngineCall {
        EngineCall(
            program: "/bin/sh",
            arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin", "A": "b c"],
            timeout: timeout,
            isCancelled: isCancelled
        )
    }

    @Test("brings what was printed, apart, and how it ended")
    func answers() throws {
        let answer = try Self.call("echo \"$A\"; echo oh >&2; exit 7").run()
        #expect(answer.output == "b c\n" && answer.errors == "oh\n" && answer.end == .exited(7) && !answer.isSuccess)
    }

    @Test("does not wait for what a program leaves behind with its outputs open")
    func leavesBehind() throws {
        let answer = try Self.call("sleep 50 & echo $!").run()
        let process = try #require(Int32(answer.output.dropLast()))
        #expect(!isGone(process))
        kill(process, SIGKILL)
    }

    @Test("keeps the end of a flood")
    func floods() throws {
        let answer = try Self.call("head -c 9000000 /dev/zero | tr '\\0' x; echo end").run()
        #expect(answer.output.utf8.count <= EngineCall.outputCapBytes && answer.output.hasSuffix("xend\n"))
    }

    @Test("is ended with all its processes when it takes too long, also when it closed its outputs")
    func late() throws {
        #expect(throws: EngineCall.Failure.late) {
            try Self.call("exec >&- 2>&-; sleep 100", timeout: .milliseconds(200)).run()
        }
    }

    @Test("is ended when nobody wants it any more")
    func cancelled() throws {
        let asked = Mutex(0)
        #expect(throws: EngineCall.Failure.cancelled) {
            try Self.call("sleep 100") {
                asked.withLock { count in
                    count += 1
                    return count > 3
                }
            }.run()
        }
    }

    @Test("says why nothing was started")
    func missing() {
        #expect(throws: EngineCall.Failure.self) {
            try EngineCall(program: "/nosuch", arguments: [], environment: [:], timeout: .seconds(1)).run()
        }
    }
}
