import ArgumentParser
import CommandLineSupport

/// `hyperworker completions SHELL`
struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a script that makes a shell complete this program's flags.",
        discussion: "bash: add `source <(hyperworker completions bash)` to ~/.bashrc."
    )

    @Argument(help: "bash, zsh or fish.")
    var shell: CompletingShell

    func run() { Console.print(shell.script(for: HyperWorker.self)) }
}
