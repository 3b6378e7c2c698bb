import ArgumentParser
import CommandLineSupport

/// The benchmarks.
@main
enum Main {
    static func main() async { await Program.main(HyperBench.self) }
}

/// The program: one subcommand for each benchmark.
struct HyperBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures what the machinery around a trial costs.",
        subcommands: [Throughput.self, Latency.self, Suggestions.self]
    )
}
