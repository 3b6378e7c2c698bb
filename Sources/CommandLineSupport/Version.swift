/// The version of both programs.
public enum Version {
    /// Semantic version.
    public static let text = "0.1.0"
}
