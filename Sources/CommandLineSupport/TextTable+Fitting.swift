extension TextTable {
    /// A column of text is not made narrower than this, or than its heading, for the sake of those behind it.
    static let narrowestText = 10

    /// The lines within so many columns of a terminal; `nil` cuts nothing.
    ///
    /// Where room is scarce, columns of text but the last give way, the widest first; columns that are aligned to the right,
    /// numbers, stay whole. Then lines are cut. Whatever is cut has the mark at its end.
    public func lines(fitting columns: Int?, mark: String = "…") -> [String] {
        guard let columns else { return lines }
        let widths = fitted(widths, to: columns)
        return lines(widths, mark: mark).map { TextWidth.truncated($0, to: columns, mark: mark) }
    }

    private func fitted(_ natural: [Int], to columns: Int) -> [Int] {
        var widths = natural
        guard let headings = rows.first, let last = widths.indices.last else { return widths }
        let least = headings.map { max(Self.narrowestText, TextWidth.columns($0)) }
        // The last column is cut with its line; a little of it is to be seen.
        func total() -> Int {
            widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count } + min(widths[last], least[last])
        }
        while total() > columns {
            let wide = widths.indices.dropLast().filter { !isRight[$0] && widths[$0] > least[$0] }
            guard let widest = wide.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] = max(least[widest], widths[widest] - (total() - columns))
        }
        return widths
    }
}
