public import ArgumentParser

/// A shell that can complete our commands.
public enum CompletingShell: String, ExpressibleByArgument, Sendable, CaseIterable {
    case bash, zsh, fish

    /// The script that makes this shell complete a program's commands, flags and values.
    public func script(for root: any ParsableCommand.Type) -> String {
        switch self {
        case .bash: root.completionScript(for: .bash)
        case .zsh: root.completionScript(for: .zsh)
        case .fish: root.completionScript(for: .fish)
        }
    }
}
