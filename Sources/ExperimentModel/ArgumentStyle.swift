/// How the parameters of a trial reach a command that has no placeholder.
public enum ArgumentStyle: String, Sendable, Hashable, Codable, CaseIterable {
    /// `--name=value` at the end.
    case append
    /// `--name value` at the end, as two arguments.
    case posix
    /// Not as arguments: the command reads `HYPER_PARAMS` or `HYPER_PARAMS_FILE`.
    case none
}
