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
            EXAMPLES
              Try it, without any set-up:

              hyperserver run --space 'x=uniform(-5,5)' --metric loss --goal minimize \\
                --max-trials 10 -- sh -c 'echo loss=$(echo "({x})*({x})" | bc -l)'

              Or as a service, with `hyperworker --count 2` on each compute node:

              hyperserver start
              hyperserver create experiment.yaml

            An ID is the id of an experiment, its name (the newest of that name), or `last`. Exit status: 0 fine; 1 the \
            experiment failed, or there is no such thing; 2 interrupted; 64 bad usage or a bad file; 69 no store; 70 a \
            bug of ours. README.md and docs/ tell more.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Run", subcommands: [Run.self, Start.self, Create.self, Import.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    List.self, Status.self, Watch.self, Trials.self, Best.self, Artifacts.self, Logs.self,
                    Events.self,
                    Workers.self,
                ]
            ),
            CommandGroup(
                name: "Steer",
                subcommands: [
                    Pause.self, Resume.self, Cancel.self, Retry.self, SetLimits.self, Enqueue.self,
                    Drain.self,
                ]
            ),
            CommandGroup(
                name: "Keep",
                subcommands: [
                    ExportExperiment.self, Convert.self, Delete.self, CollectGarbage.self, InitializeMongo.self,
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
