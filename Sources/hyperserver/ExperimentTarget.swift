import ArgumentParser

/// What every command about one experiment takes: which one, and how to print.
struct ExperimentTarget: ParsableArguments {
    @Argument(help: "Id or name of the experiment, or `last`.", completion: ExperimentCompletion.ids)
    var id: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup
    var common: CommonOptions
}
