import ArgumentParser
import CommandLineSupport

/// Breaks things on purpose.
@main
enum Main {
    static func main() async { await Program.main(HyperChaos.self) }
}

/// The program: one subcommand for a run that is broken at random, one for how long recovery takes.
struct HyperChaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Kills, stops and restarts real servers, workers and mongods, and checks that nothing is lost.",
        subcommands: [RandomFaults.self, Recovery.self],
        defaultSubcommand: RandomFaults.self
    )
}
