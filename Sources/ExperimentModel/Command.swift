/// The user's training command.
public enum Command: Sendable, Hashable, Codable {
    /// Program and arguments, run without a shell.
    case arguments([String])
    /// A text for `/bin/sh -c`.
    case shell(String)

    /// A list is argv, a text is for the shell.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .shell(text)
        } else {
            self = .arguments(try container.decode([String].self))
        }
    }

    /// A list is argv, a text is for the shell.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .arguments(let arguments): try container.encode(arguments)
        case .shell(let text): try container.encode(text)
        }
    }
}
