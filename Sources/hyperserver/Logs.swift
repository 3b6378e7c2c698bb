import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

/// `hyperserver logs ID [TRIAL]`
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints what trials wrote.",
        discussion:
            "With a trial: the output of its last attempt as it is. Without: every trial's, each under a heading."
    )

    @OptionGroup
    var target: ExperimentTarget

    @Argument(help: "Number of the trial.")
    var trial: Int?

    @Option(help: "Number of the attempt (default: the last).")
    var attempt: Int?

    @Option(help: "Only stdout or stderr.")
    var stream: Stream?

    enum Stream: String, ExpressibleByArgument, CaseIterable {
        case stdout, stderr
    }

    func validate() throws {
        if attempt != nil, trial == nil { throw ValidationError("--attempt needs a trial.") }
    }

    func run() async throws {
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            let query = trial.map(TrialQuery.number) ?? .all
            let trials = try await store.trials(of: experiment.id, query)
            if let trial, trials.isEmpty {
                throw ProgramFailure(.failed, "Experiment \(experiment.id) has no trial \(trial).")
            }
            var views: [ParameterValue] = []
            for found in trials {
                let number = attempt ?? found.attempt
                guard number >= 1, number <= found.attempt else {
                    if attempt == nil { continue }
                    throw ProgramFailure(.failed, "Trial \(found.id.number) has no attempt \(number).")
                }
                let chunks = try await store.log(of: found.id, attempt: number).filter { chunk in
                    stream.map { $0.rawValue == chunk.stream.rawValue } ?? true
                }
                if target.json {
                    views.append(view(found, number, chunks))
                } else {
                    show(found, number, chunks)
                }
            }
            if target.json { Console.print(ParameterValue.mapping(["logs": .list(views)]).json) }
        }
    }

    private func view(_ trial: Trial, _ attempt: Int, _ chunks: [LogChunk]) -> ParameterValue {
        var fields: OrderedDictionary<String, ParameterValue> = [
            "trial": .integer(Int64(trial.id.number)), "attempt": .integer(Int64(attempt)),
        ]
        for stream in LogChunk.Stream.allCases {
            let bytes = chunks.filter { $0.stream == stream }.flatMap(\.bytes)
            fields[stream.rawValue] = .string(String(decoding: bytes, as: UTF8.self))
        }
        return .mapping(fields)
    }

    private func show(_ found: Trial, _ attempt: Int, _ chunks: [LogChunk]) {
        for stream in LogChunk.Stream.allCases {
            let bytes = chunks.filter { $0.stream == stream }.flatMap(\.bytes)
            if bytes.isEmpty { continue }
            if trial == nil { Console.print("==> trial \(found.id.number) attempt \(attempt) \(stream.rawValue) <==") }
            Console.write(bytes)
            if trial == nil, bytes.last != UInt8(ascii: "\n") { Console.print("") }
        }
    }
}
