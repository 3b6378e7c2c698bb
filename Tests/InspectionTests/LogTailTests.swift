import Coordination
import ExperimentModel
import MemoryTrialStore
import Testing

@testable import Inspection

@Suite("The end of an output")
struct LogTailTests {
    private static let trial = TrialID(experiment: ExperimentID("es0000001"), number: 1)

    @Test(
        "is the same whether all of it is read or only its end, wherever pieces and lines break",
        arguments: [0, 1, 2, 3, 29, 30, 31, 1000]
    )
    func tail(count: Int) async throws {
        let store = MemoryTrialStore { Timestamp(milliseconds: 0) }
        for end in ["", "no line end"] {
            let text = (1...30).map { "line \($0)\n" }.joined() + end
            let bytes = Array(text.utf8)
            let attempt = end.isEmpty ? 1 : 2
            let size = 7
            let chunks = stride(from: 0, to: bytes.count, by: size).enumerated().map { index, start in
                LogChunk(
                    trial: Self.trial,
                    attempt: attempt,
                    stream: .stdout,
                    sequence: index,
                    bytes: Array(bytes[start..<min(start + size, bytes.count)])
                )
            }
            #expect(chunks.count > 3 * LogTail.chunksPerRead)
            await store.appendLog(chunks)
            let read = try await LogTail.read(count, of: Self.trial, attempt: attempt, stream: .stdout, in: store)
            #expect(read == Array(LogLines.last(count, of: bytes)))
        }
        #expect(try await LogTail.read(count, of: Self.trial, attempt: 3, stream: .stdout, in: store).isEmpty)
    }
}
