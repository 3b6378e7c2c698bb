public import SearchSpace

extension ExperimentFile {
    /// The entries of a mapping in block style, not indented. Values must be finite.
    public static func yaml(entries: Assignment) -> String { YAMLText.block(entries) }

    /// One item of a list in block style, not indented. Values must be finite.
    public static func yaml(item: ParameterValue) -> String { YAMLText.item(item) }
}
