import ExperimentModel
import FoundationEssentials

extension SpooledResult {
    /// The version of the form of these files; grows with every change that an older program would misread.
    public static let formatVersion = 1

    /// The bytes of a file.
    func encoded() throws(SpoolError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: Self.positiveInfinity,
            negativeInfinity: Self.negativeInfinity,
            nan: Self.notANumber
        )
        do {
            return Array(try encoder.encode(Document(self)))
        } catch {
            throw .unwritable("\(error)")
        }
    }

    /// Reads a file.
    /// - Throws: ``SpoolError/newer(found:)``, ``SpoolError/unreadable(_:)``.
    init(decoding bytes: [UInt8]) throws(SpoolError) {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: Self.positiveInfinity,
            negativeInfinity: Self.negativeInfinity,
            nan: Self.notANumber
        )
        let data = Data(bytes)
        do {
            // Before anything else: what a newer version writes may look different.
            let version = try decoder.decode(Version.self, from: data).version
            guard version <= Self.formatVersion else { throw SpoolError.newer(found: version) }
            self = try decoder.decode(Document.self, from: data).result()
        } catch let error as SpoolError {
            throw error
        } catch let error as DecodingError {
            throw .unreadable(Self.reason(error))
        } catch {
            throw .unreadable("\(error)")
        }
    }

    private static let positiveInfinity = "inf"
    private static let negativeInfinity = "-inf"
    private static let notANumber = "nan"

    private static func reason(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "it" : context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(place(context)) lacks \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(place(context)) is not of the kind that it has to be"
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is no complete JSON"
        case .dataCorrupted(let context): "\(place(context)) is nothing that this version knows"
        @unknown default: "it is nothing that this version knows"
        }
    }
}

private struct Version: Decodable {
    var version: Int
}

/// The form of a file; `docs/schema.md` describes it.
private struct Document: Codable {
    struct Outcome: Codable {
        var cause: TrialCause
        var value: Double?
        var exitStatus: Int32?
        var signal: Int32?
        var message: String?
        var errorTail: String?
        var arguments: [String]?

        enum CodingKeys: String, CodingKey {
            case cause, value, signal, message
            case exitStatus = "exit_status"
            case errorTail = "error_tail"
            case arguments = "argv"
        }
    }

    struct Report: Codable {
        var seq: Int
        var metric: String
        var step: Int64
        var value: Double
        var interval: Int?
    }

    struct Chunk: Codable {
        var stream: LogChunk.Stream
        var seq: Int
        var data: Data
    }

    var version: Int
    var experiment: ExperimentID
    var trial: Int
    var attempt: Int
    var owner: String
    var outcome: Outcome
    var retries: RetryLimits
    var observations: [Report]
    var output: [Chunk]
    var droppedObservations: Int
    var droppedOutputBytes: Int

    enum CodingKeys: String, CodingKey {
        case version, experiment, trial, attempt, owner, outcome, retries, observations, output
        case droppedObservations = "dropped_observations"
        case droppedOutputBytes = "dropped_output_bytes"
    }

    init(_ result: SpooledResult) {
        version = SpooledResult.formatVersion
        experiment = result.trial.experiment
        trial = result.trial.number
        attempt = result.attempt
        owner = result.owner.rawValue
        let end = result.outcome
        outcome = Outcome(
            cause: end.cause,
            value: end.value,
            exitStatus: end.exitStatus,
            signal: end.signal,
            message: end.message,
            errorTail: end.errorTail,
            arguments: end.arguments
        )
        retries = result.retries
        observations = result.observations.map {
            Report(
                seq: $0.sequence,
                metric: $0.metric,
                step: $0.step,
                value: $0.value,
                interval: $0.interval
            )
        }
        output = result.output.map { Chunk(stream: $0.stream, seq: $0.sequence, data: Data($0.bytes)) }
        droppedObservations = result.droppedObservations
        droppedOutputBytes = result.droppedOutputBytes
    }

    func result() throws(SpoolError) -> SpooledResult {
        guard trial > 0, attempt > 0, !owner.isEmpty else { throw .unreadable("it names no attempt of a trial") }
        let id = TrialID(experiment: experiment, number: trial)
        let end = AttemptOutcome(
            cause: outcome.cause,
            value: outcome.value,
            exitStatus: outcome.exitStatus,
            signal: outcome.signal,
            message: outcome.message,
            errorTail: outcome.errorTail,
            arguments: outcome.arguments
        )
        var result = SpooledResult(trial: id, attempt: attempt, owner: WorkerID(owner), outcome: end, retries: retries)
        let reports = observations.map { report in
            Observation(
                trial: id,
                attempt: attempt,
                sequence: report.seq,
                metric: report.metric,
                step: report.step,
                value: report.value,
                interval: report.interval
            )
        }
        let chunks = output.map { chunk in
            LogChunk(trial: id, attempt: attempt, stream: chunk.stream, sequence: chunk.seq, bytes: Array(chunk.data))
        }
        result.take(reports, chunks)
        result.droppedObservations += droppedObservations
        result.droppedOutputBytes += droppedOutputBytes
        return result
    }
}
