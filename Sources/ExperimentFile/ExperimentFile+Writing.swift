public import ExperimentModel
import OrderedCollections
public import SearchSpace

extension ExperimentFile {
    /// A space in the form of the file: the entries of `search_space`, in block style, not indented.
    ///
    /// A space that was read by this module is read back as an equal one.
    public static func yaml(of space: SearchSpace) -> String { YAMLText.block(SpaceSpelling.entries(of: space)) }

    /// A whole file for a definition; what has its default is left out, but for the seed and the working directory.
    ///
    /// A definition that was read by this module is read back as an equal one.
    public static func yaml(of definition: ExperimentDefinition) -> String {
        let spelling = DefinitionSpelling(definition: definition, isComplete: false)
        return YAMLText.block(spelling.head)
            + "sampler: {type: \(definition.sampler.kind.rawValue), seed: \(definition.sampler.seed)}\n"
            + YAMLText.block(spelling.tail)
    }

    /// A whole file as one line of JSON, with every default written out and the space normalised.
    ///
    /// A definition that was read by this module is read back as one that means the same.
    public static func json(of definition: ExperimentDefinition) -> String {
        let spelling = DefinitionSpelling(definition: definition, isComplete: true)
        func members(_ entries: Assignment) -> [String] {
            entries.map { ParameterValue.string($0).json + ":" + $1.json }
        }
        let sampler =
            "\"sampler\":{\"type\":\"\(definition.sampler.kind.rawValue)\",\"seed\":\(definition.sampler.seed)}"
        return "{" + (members(spelling.head) + [sampler] + members(spelling.tail)).joined(separator: ",") + "}"
    }
}
