import OrderedCollections
import SearchSpace

/// The names that the placeholders of a command may ask for.
struct TemplateNames {
    /// Declared path of the search space → whether some trials have no value there.
    let parameters: [String: Bool]
    /// The same for every trial, in the order of their names.
    let inputs: Assignment

    init(space: SearchSpace, inputs: [String: ParameterValue]) {
        parameters = Dictionary(
            space.declaredPaths.map { ($0.path, $0.canBeInactive) },
            uniquingKeysWith: { $0 || $1 }
        )
        self.inputs = Assignment(
            uniqueKeysWithValues: inputs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        )
    }

    /// The value of an input or of a part of one, such as `data.path`.
    func input(at path: String) -> ParameterValue? { ParameterValue.value(at: path, in: inputs) }

    /// What to say of `written`, which asks for a parameter that is not there.
    func unknownParameter(_ path: String, written: String) -> String {
        let hint: String? =
            input(at: path) == nil
            ? nearestName(to: path, among: parameters.keys.sorted()).map { "did you mean {\($0)}?" } ?? parameterList
            : "it is an input: write ${{inputs.\(path)}}"
        return "\(written) names no parameter of the search space" + (hint.map { "; \($0)" } ?? "")
    }

    /// Parameters that a message names.
    private static let longestParameterList = 8

    private var parameterList: String? {
        guard !parameters.isEmpty else { return nil }
        let names = parameters.keys.sorted().prefix(Self.longestParameterList).map { "{\($0)}" }.joined(separator: ", ")
        return "there is " + names + (parameters.count > Self.longestParameterList ? " and more" : "")
    }

    /// What to say of `written`, which asks for an input that is not there.
    func unknownInput(_ path: String, written: String) -> String {
        if parameters[path] != nil {
            return "\(written) names no input; \(path) is a parameter: write ${{search_space.\(path)}}"
        }
        guard !inputs.isEmpty else { return "\(written) names an input, and the experiment declares none" }
        let known = Set(inputs.keys).union(ParameterValue.flattened(inputs).map(\.path)).sorted()
        return "\(written) names no input"
            + (nearestName(to: path, among: known).map { "; did you mean ${{inputs.\($0)}}?" } ?? "")
    }
}
