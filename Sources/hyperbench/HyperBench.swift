import ArgumentParser
import CommandLineSupport
import Execution
import Foundation

/// The benchmarks.
@main
enum Main {
    static func main() async {
        // A guard is the same program as the worker, which is this one here.
        if CommandLine.arguments.dropFirst().elementsEqual([GuardProcess.command]) {
            exit(GuardProcess.run(report: { Console.printError($0) }))
        }
        await Program.main(HyperBench.self)
    }
}

/// The program: one subcommand for each benchmark.
struct HyperBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures what the machinery around a trial costs.",
        subcommands: [Throughput.self, Latency.self, Suggestions.self, EarlyStopping.self, Reports.self]
    )
}
