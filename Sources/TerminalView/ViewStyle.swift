import CommandLineSupport

/// What a terminal can show: colours, and characters beyond ASCII.
public struct ViewStyle: Sendable, Hashable {
    /// Whether colours are used; `NO_COLOR` turns them off.
    public var isColoured: Bool
    /// Whether block and braille characters are used: the locale is UTF-8.
    public var isUnicode: Bool

    /// A style.
    public init(isColoured: Bool, isUnicode: Bool) {
        self.isColoured = isColoured
        self.isUnicode = isUnicode
    }

    /// The style that the environment asks for.
    /// - Parameter isTerminal: whether a person sees the output at once; colours are for them alone.
    public init(environment: [String: String], isTerminal: Bool) {
        let isDumb = !Self.isAddressable(environment)
        isColoured = isTerminal && !isDumb && (environment["NO_COLOR"] ?? "").isEmpty
        isUnicode = StandardOutput.isUnicode(environment)
    }

    /// Whether the terminal's cursor can be moved, as `TERM` says.
    public static func isAddressable(_ environment: [String: String]) -> Bool {
        let name = environment["TERM"] ?? ""
        return !name.isEmpty && name != "dumb"
    }

    /// What stands for text that did not fit.
    public var mark: String { isUnicode ? "…" : "~" }

    /// The text without characters that act on a terminal or that it cannot show.
    func shown(_ text: String) -> String {
        let clean = Wording.printable(text)
        guard !isUnicode else { return clean }
        return String(clean.map { $0.isASCII ? $0 : "?" })
    }
}
