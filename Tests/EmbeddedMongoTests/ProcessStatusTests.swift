import Glibc
import Testing

@testable import EmbeddedMongo

@Suite("Process status")
struct ProcessStatusTests {
    private func line(_ name: String, state: String, threads: Int) -> String {
        "42 (\(name)) \(state) 1 42 42 0 -1 4 1 2 3 4 5 6 7 8 20 0 \(threads) 0 987654 1 2 3\n"
    }

    @Test("reads names with spaces and parentheses")
    func names() {
        let status = ProcessStatus(line: line("a) Z (b", state: "S", threads: 3))
        #expect(status?.name == "a) Z (b")
        #expect(status?.startTime == 987_654)
        #expect(status?.hasEnded == false)
        #expect(ProcessStatus(line: "42 (cut) S 1") == nil)
    }

    @Test("takes a dead main thread for the end only when no other thread lives")
    func ended() {
        #expect(ProcessStatus(line: line("mongod", state: "Z", threads: 5))?.hasEnded == false)
        #expect(ProcessStatus(line: line("mongod", state: "Z", threads: 1))?.hasEnded == true)
    }

    @Test("knows this process, and no process with pid 0")
    func live() {
        #expect(ProcessStatus(pid: getpid())?.hasEnded == false)
        #expect(ProcessStatus(pid: 0) == nil)
        MongodProcess.collect(pid: 0)
    }
}
