import ArgumentParser
import CommandLineSupport

/// `hyperserver completions SHELL`
struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a script that makes a shell complete commands, flags, files and experiments.",
        discussion: """
            bash:  source <(hyperserver completions bash)    in ~/.bashrc
            zsh:   hyperserver completions zsh > "${fpath[1]}/_hyperserver"
            fish:  hyperserver completions fish > ~/.config/fish/completions/hyperserver.fish

            Experiments are completed from a store that is up; completing never starts one.
            """
    )

    @Argument(help: "bash, zsh or fish.")
    var shell: CompletingShell

    func run() { Console.print(shell.script(for: HyperServer.self)) }
}
