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
        subcommands: [
            Start.self, Run.self, Create.self, Validate.self, List.self, Status.self, Trials.self, Best.self, Logs.self,
            Pause.self, Resume.self, Cancel.self, Retry.self, SetLimits.self, Enqueue.self,
            Import.self, Convert.self,
            Events.self, Workers.self,
        ]
    )
}
