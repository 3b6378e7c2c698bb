/// Which files of an attempt's output directory are kept in the store: the key `artifacts` of the file.
public struct ArtifactRules: Sendable, Hashable, Codable {
    /// Patterns of paths below the output directory that are kept.
    public var include: [String]
    /// Patterns of those that are not, whatever ``include`` says.
    public var exclude: [String]
    /// Most bytes of one trial that are kept.
    public var maximumBytes: Int64

    /// Everything.
    public static let everything = ["**"]
    /// Most bytes of one trial, unless the file says otherwise.
    public static let defaultMaximumBytes: Int64 = 1 << 30

    /// Rules.
    public init(
        include: [String] = Self.everything,
        exclude: [String] = [],
        maximumBytes: Int64 = Self.defaultMaximumBytes
    ) {
        self.include = include
        self.exclude = exclude
        self.maximumBytes = maximumBytes
    }

    enum CodingKeys: String, CodingKey {
        case include, exclude
        case maximumBytes = "max_bytes"
    }
}
