extension TextTable {
    /// The lines, each cut to `columns` with `…` at its end; `nil` cuts nothing.
    public func lines(fitting columns: Int?) -> [String] {
        guard let columns else { return lines }
        return lines.map { Self.cut($0, to: columns) }
    }

    /// The text, cut to so many characters with `…` at its end.
    public static func cut(_ text: String, to columns: Int) -> String {
        text.count <= columns ? text : text.prefix(max(0, columns - 1)) + "…"
    }
}
