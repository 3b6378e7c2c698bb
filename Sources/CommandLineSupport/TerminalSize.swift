/// Columns and rows of a terminal.
public struct TerminalSize: Sendable, Hashable {
    /// Characters in a row.
    public var columns: Int
    /// Rows.
    public var rows: Int

    /// What is taken when nobody knows.
    public static let standard = TerminalSize(columns: 80, rows: 24)

    /// A size.
    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// Columns that a line of a frame may take: the last one stays free, where terminals differ in when they wrap.
    public var lineWidth: Int { max(0, columns - 1) }
    /// Lines that a frame may have: the cursor stands in the row below it.
    public var frameHeight: Int { max(0, rows - 1) }
}
