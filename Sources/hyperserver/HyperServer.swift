import ArgumentParser
import CommandLineSupport

/// The server and its client commands.
@main
enum Main {
    static func main() async { await Program.main(HyperServer.self) }
}

/// The root of the command line.
struct HyperServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperserver",
        abstract: "Suggests hyperparameters, keeps trials in MongoDB, and tells what came of them.",
        discussion: """
            Try it, without any set-up:

              hyperserver run --space 'x=uniform(-5,5)' --metric loss --goal minimize --max-trials 30 \\
                -- sh -c 'echo "loss=$(echo "({x})*({x})" | bc -l)"'

            Or as a service: `hyperserver start` here, `hyperworker --count 2` on each compute node, and \
            `hyperserver create FILE` for each experiment. An ID may be the id, the name, or `last`.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Run", subcommands: [Run.self, Start.self, Create.self, Import.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    List.self, Status.self, Watch.self, Trials.self, Best.self, Logs.self, Events.self,
                    Workers.self,
                ]
            ),
            CommandGroup(
                name: "Steer",
                subcommands: [
                    Pause.self, Resume.self, Cancel.self, Retry.self, SetLimits.self, Enqueue.self,
                ]
            ),
            CommandGroup(
                name: "Keep",
                subcommands: [
                    ExportExperiment.self, Convert.self, Delete.self, CollectGarbage.self,
                ]
            ),
            CommandGroup(
                name: "Check",
                subcommands: [
                    Validate.self, Doctor.self, Reference.self, Completions.self,
                ]
            ),
        ]
    )
}
