import ExperimentModel
import Testing

@testable import ResultSpool

@Suite("A spooled result")
struct SpooledResultTests {
    static let trial = TrialID(experiment: ExperimentID("es0000001"), number: 7)

    static func result(_ cause: TrialCause = .succeeded) -> SpooledResult {
        SpooledResult(
            trial: trial,
            attempt: 2,
            owner: WorkerID("node:12:00000000000000ab"),
            outcome: AttemptOutcome(
                cause: cause,
                value: 0.1,
                exitStatus: 0,
                message: "all\nwell",
                errorTail: "\u{1B}[31mred",
                arguments: ["sh", "-c", "echo ü"]
            ),
            retries: RetryLimits(charges: [.failed: 2])
        )
    }

    static func report(_ sequence: Int, _ value: Double = 1) -> Observation {
        Observation(
            trial: trial,
            attempt: 2,
            sequence: sequence,
            metric: "loss",
            step: 3,
            value: value,
            interval: sequence.isMultiple(of: 2) ? sequence + 1 : nil
        )
    }

    static func chunk(_ sequence: Int, _ count: Int) -> LogChunk {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        return LogChunk(trial: trial, attempt: 2, stream: .stderr, sequence: sequence, bytes: bytes)
    }

    @Test("comes back from its bytes as it was, values that are no numbers and any bytes of output too")
    func roundTrip() throws {
        var result = Self.result()
        result.take([Self.report(0, .infinity), Self.report(1, -.infinity), Self.report(2, 0.1)], [Self.chunk(4, 300)])
        let back = try SpooledResult(decoding: try result.encoded())
        #expect(back == result)
        result.take([Self.report(0, .nan)], [])
        #expect(try SpooledResult(decoding: try result.encoded()).observations.first?.value.isNaN == true)
    }

    @Test("keeps the newest reports and output within its limits, and counts the rest")
    func limits() {
        var result = Self.result()
        let many = (0..<(SpooledResult.largestObservationCount + 5)).map { Self.report($0) }
        let chunks = (0..<6).map { Self.chunk($0, 256 << 10) }
        result.take(many, chunks)
        #expect(result.observations.count == SpooledResult.largestObservationCount)
        #expect(result.observations.first?.sequence == 5 && result.droppedObservations == 5)
        #expect(result.output.map(\.sequence) == [2, 3, 4, 5] && result.droppedOutputBytes == 512 << 10)
        result.take(many, chunks, isNote: true)
        #expect(result.observations.count == SpooledResult.noteObservationCount && result.output.isEmpty)
        let name = String(repeating: "m", count: 1 << 20)
        result.take(
            (0..<4).map { Observation(trial: Self.trial, attempt: 2, sequence: $0, metric: name, step: 0, value: 1) },
            []
        )
        #expect(result.observations.map(\.sequence) == [2, 3])
    }

    @Test(
        "a file that is damaged, edited or newer is told apart",
        arguments: [
            ("", "it is no complete JSON"), ("{", "it is no complete JSON"), (#"{"version":1}"#, "it lacks experiment"),
            ("[]", "it is not of the kind that it has to be"),
        ]
    )
    func unreadable(text: String, reason: String) {
        #expect(throws: SpoolError.unreadable(reason)) { _ = try SpooledResult(decoding: Array(text.utf8)) }
    }

    @Test("what a newer version wrote is named as such, whatever else it holds")
    func newer() {
        #expect(throws: SpoolError.newer(found: 2)) {
            _ = try SpooledResult(decoding: Array(#"{"version":2,"anything":[]}"#.utf8))
        }
    }

    @Test("a cause or a number that cannot be is said with its place")
    func edited() throws {
        let text = String(decoding: try Self.result().encoded(), as: UTF8.self)
        let cause = text.replacing("\"succeeded\"", with: "\"abducted\"")
        #expect(throws: SpoolError.unreadable("outcome.cause is nothing that this version knows")) {
            _ = try SpooledResult(decoding: Array(cause.utf8))
        }
        let number = text.replacing("\"trial\":7", with: "\"trial\":0")
        #expect(throws: SpoolError.unreadable("it names no attempt of a trial")) {
            _ = try SpooledResult(decoding: Array(number.utf8))
        }
    }

    @Test("an id that is no safe name of a file has none")
    func unsafeName() {
        let trial = TrialID(experiment: ExperimentID("../x"), number: 1)
        #expect(SpooledResult.fileName(trial, attempt: 1) == nil)
        #expect(Self.result().fileName == "es0000001-7-2.json")
    }
}
