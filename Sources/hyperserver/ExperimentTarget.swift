import ArgumentParser

/// What every command about one experiment takes: which one, and how to print.
struct ExperimentTarget: ParsableArguments {
    @Argument(
        help: "The experiment: its id, its name (the newest of that name), or `last`.",
        completion: ExperimentCompletion.ids
    )
    var id: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions
}
