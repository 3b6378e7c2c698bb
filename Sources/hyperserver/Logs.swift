import ArgumentParser
import CommandLineSupport
import Coordination
import ExperimentModel
import Inspection
import OrderedCollections
import SearchSpace

/// `hyperserver logs ID [TRIAL]`
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints what trials wrote.",
        discussion: """
            With a trial: the output of its last attempt as it is. Without: every trial's, each under a heading.

            With --follow it goes on until the trial or the experiment has ended; without a trial, lines come as they are \
            written, each with its trial: `trial 7 | …`, of standard error `trial 7 err| …`. With --json too, each line is \
            a JSON object.
            """
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

    @Flag(name: [.short, .long], help: "Go on with what is written, until the end.")
    var follow = false

    @Option(help: ArgumentHelp("Only so many last lines of each output of a trial.", valueName: "lines"))
    var tail: Int?

    /// More lines than this would not be a tail.
    private static let largestTail = 1_000_000

    func validate() throws {
        if attempt != nil, trial == nil { throw ValidationError("--attempt needs a trial.") }
        if let tail, !(0...Self.largestTail).contains(tail) {
            throw ValidationError("--tail takes a number from 0 to \(Self.largestTail).")
        }
    }

    func run() async throws {
        try await target.common.withClientStore { store in
            let experiment = try await store.resolve(target.id)
            let trials =
                if let trial {
                    try await store.trials(of: experiment.id, .number(trial))
                } else {
                    follow ? [] : try await store.trials(of: experiment.id, after: 0, limit: Self.pageSize)
                }
            if let trial, trials.isEmpty {
                throw ProgramFailure(.failed, "Experiment \(experiment.id) has no trial \(trial).")
            }
            if let found = trials.first, let attempt, attempt < 1 || (!follow && attempt > found.attempt) {
                throw ProgramFailure(.failed, "Trial \(found.id.number) has no attempt \(attempt).")
            }
            if follow {
                try await follow(experiment.id, store)
            } else {
                try await show(trials, of: experiment.id, store)
            }
        }
    }

    /// Trials that are read at once.
    private static let pageSize = 500

    /// One trial after the other, so that the output of no more than one is ever in memory.
    private func show(_ known: [Trial], of id: ExperimentID, _ store: any TrialStore) async throws {
        var isFirst = true
        if target.json { Console.write(Array("{\"logs\":[".utf8)) }
        var page = known
        while !page.isEmpty, !StandardOutput.isClosed {
            for found in page where (attempt ?? found.attempt) >= 1 && !StandardOutput.isClosed {
                let number = attempt ?? found.attempt
                let outputs = try await outputs(of: found.id, number, store)
                if target.json {
                    Console.write(Array(((isFirst ? "" : ",") + view(found, number, outputs).json).utf8))
                } else {
                    show(found, number, outputs)
                }
                isFirst = false
            }
            guard trial == nil, let last = page.last else { break }
            page = try await store.trials(of: id, after: last.id.number, limit: Self.pageSize)
        }
        if target.json { Console.print("]}") }
    }

    private func outputs(
        of id: TrialID,
        _ attempt: Int,
        _ store: any TrialStore
    ) async throws -> OrderedDictionary<LogChunk.Stream, [UInt8]> {
        let wanted = stream.flatMap { LogChunk.Stream(rawValue: $0.rawValue) }
        var outputs: OrderedDictionary<LogChunk.Stream, [UInt8]> = [:]
        for stream in LogChunk.Stream.allCases { outputs[stream] = [] }
        if let tail {
            for stream in LogChunk.Stream.allCases where wanted == nil || wanted == stream {
                outputs[stream] = try await LogTail.read(tail, of: id, attempt: attempt, stream: stream, in: store)
            }
        } else {
            for chunk in try await store.log(of: id, attempt: attempt) where wanted == nil || wanted == chunk.stream {
                outputs[chunk.stream]? += chunk.bytes
            }
        }
        return outputs
    }

    private func view(
        _ trial: Trial,
        _ attempt: Int,
        _ outputs: OrderedDictionary<LogChunk.Stream, [UInt8]>
    ) -> ParameterValue {
        var fields: OrderedDictionary<String, ParameterValue> = [
            "trial": .integer(Int64(trial.id.number)), "attempt": .integer(Int64(attempt)),
        ]
        for (stream, bytes) in outputs { fields[stream.rawValue] = .string(String(decoding: bytes, as: UTF8.self)) }
        return .mapping(fields)
    }

    private func show(
        _ found: Trial,
        _ attempt: Int,
        _ outputs: OrderedDictionary<LogChunk.Stream, [UInt8]>
    ) {
        for (stream, bytes) in outputs where !bytes.isEmpty {
            if trial == nil { Console.print("==> trial \(found.id.number) attempt \(attempt) \(stream.rawValue) <==") }
            Console.write(bytes)
            if trial == nil, bytes.last != UInt8(ascii: "\n") { Console.print("") }
        }
    }

    private func follow(_ id: ExperimentID, _ store: any TrialStore) async throws {
        let style: LogRendering.Style = target.json ? .json : trial == nil ? .prefixed : .raw
        let (trial, attempt, tail) = (trial, attempt, tail)
        let streams = stream.flatMap { LogChunk.Stream(rawValue: $0.rawValue) }.map { [$0] } ?? LogChunk.Stream.allCases
        try await Interruptible.run {
            var rendering = LogRendering(style, tail: tail)
            var follower = LogFollower(
                store: store,
                experiment: id,
                trial: trial,
                attempt: attempt,
                streams: streams
            )
            try await Following.run(store, clock: ContinuousClock()) { events, isTick in
                for case .trial(let found) in events { follower.see(found) }
                if events.contains(.resync) || events.contains(.experiment(id)) { try await follower.refresh() }
                var isTick = isTick
                while !StandardOutput.isClosed {
                    let (parts, isComplete) = try await follower.read(isTick: isTick)
                    for part in parts { Console.write(rendering.render(part)) }
                    isTick = false
                    if isComplete { break }
                }
                return !follower.isFinished && !StandardOutput.isClosed
            }
        }
    }
}
