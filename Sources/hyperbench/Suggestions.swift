import ArgumentParser
import CommandLineSupport
import ExperimentModel
import Foundation
import OrderedCollections
import Samplers
import SearchSpace

/// `hyperbench suggestions`: what one suggestion of each sampler takes after so many completed trials.
struct Suggestions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Milliseconds of one suggestion of each sampler, by the number of completed trials.",
        discussion: "A space of eight parameters of mixed kinds; for grid, one of 6^8 points."
    )

    @Option(help: "Suggestions that are timed in each line.")
    var suggestions = 50

    /// Completed trials before the timed suggestions.
    static let histories = [100, 1000, 10_000]
    static let allowedSuggestions = 1...10_000

    func validate() throws {
        guard Self.allowedSuggestions.contains(suggestions) else {
            let allowed = Self.allowedSuggestions
            throw ValidationError("--suggestions must be from \(allowed.lowerBound) to \(allowed.upperBound).")
        }
    }

    func run() async throws {
        var table = TextTable(["one suggestion, ms", ">completed", ">p50", ">p99"])
        for kind in SamplerSpecification.Kind.allCases {
            for count in Self.histories {
                let times = try measure(kind, completed: count)
                let figures = [50, 99].map { String(format: "%.3f", LatencyReport.percentile(times, $0)) }
                table.add([kind.rawValue, "\(count)"] + figures)
            }
        }
        Console.print(table.lines.joined(separator: "\n"))
    }

    private func measure(_ kind: SamplerSpecification.Kind, completed: Int) throws -> [Double] {
        let space = kind == .grid ? try Self.finiteSpace() : try Self.mixedSpace()
        let definition = ExperimentDefinition(
            name: "bench",
            command: .arguments(["/bin/true"]),
            searchSpace: space,
            objective: Objective(metric: "loss", goal: .minimize),
            sampler: SamplerSpecification(kind: kind, seed: 1),
            limits: Limits(maxTrials: completed + suggestions),
            workingDirectory: "/"
        )
        let sampler = try SamplerFactory.makeSampler(for: definition)
        // Points and losses from a sampler of a kind that needs no history, and any numbers.
        let source = kind == .grid ? sampler : RandomSampler(space: space, seed: 2)
        var history = TrialHistory()
        for number in 1...completed {
            let suggestion = try source.suggest(trial: number, history: history)
            let loss = Double((number &* 7919) % 10_007) / 10_007
            history.completed.append(.init(number: number, suggestion: suggestion, loss: loss))
        }
        let clock = ContinuousClock()
        return try (1...suggestions).map { index in
            let time = try clock.measure { _ = try sampler.suggest(trial: completed + index, history: history) }
            return time.inSeconds * 1000
        }
    }

    private static func space(_ domains: [ParameterDomain]) throws -> SearchSpace {
        var root = OrderedDictionary<String, SpaceNode>()
        for (index, domain) in domains.enumerated() {
            root["p\(index)"] = .parameter(Parameter(label: "p\(index)", domain: domain))
        }
        return try SearchSpace(root: root)
    }

    /// Four real numbers, two of them by their logarithm, two whole numbers, two choices.
    private static func mixedSpace() throws -> SearchSpace {
        let options: [SpaceNode] = [.constant(.string("a")), .constant(.string("b")), .constant(.string("c"))]
        return try space([
            .uniform(low: 0, high: 1), .uniform(low: -5, high: 5),
            .float(min: 1e-5, max: 1e-1, isLog: true, step: nil), .float(min: 1e-3, max: 1, isLog: true, step: nil),
            .integer(min: 1, max: 100, isLog: false, step: 1), .integer(min: 8, max: 512, isLog: true, step: 1),
            .choice(options), .choice(options),
        ])
    }

    private static func finiteSpace() throws -> SearchSpace {
        try space((0..<8).map { _ in .integer(min: 1, max: 6, isLog: false, step: 1) })
    }
}
