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
            let query = trial.map(TrialQuery.number) ?? (follow ? TrialQuery(states: []) : .all)
            let trials = try await store.trials(of: experiment.id, query)
            if let trial, trials.isEmpty {
                throw ProgramFailure(.failed, "Experiment \(experiment.id) has no trial \(trial).")
            }
            if let found = trials.first, let attempt, attempt < 1 || (!follow && attempt > found.attempt) {
                throw ProgramFailure(.failed, "Trial \(found.id.number) has no attempt \(attempt).")
            }
            if follow {
                try await follow(experiment.id, store)
            } else {
                try await show(trials, store)
            }
        }
    }

    private func show(_ trials: [Trial], _ store: any TrialStore) async throws {
        var views: [ParameterValue] = []
        for found in trials {
            let number = attempt ?? found.attempt
            if number < 1 { continue }
            let chunks = try await store.log(of: found.id, attempt: number).filter { chunk in
                stream.map { $0.rawValue == chunk.stream.rawValue } ?? true
            }
            var outputs: OrderedDictionary<LogChunk.Stream, [UInt8]> = [:]
            for stream in LogChunk.Stream.allCases {
                outputs[stream] = cut(chunks.filter { $0.stream == stream }.flatMap(\.bytes))
            }
            if target.json {
                views.append(view(found, number, outputs))
            } else {
                show(found, number, outputs)
            }
        }
        if target.json { Console.print(ParameterValue.mapping(["logs": .list(views)]).json) }
    }

    /// The last lines, when only these are wanted.
    private func cut(_ bytes: [UInt8]) -> [UInt8] {
        guard let tail else { return bytes }
        return Array(LogLines.last(tail, of: bytes))
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
