public import ExperimentModel
public import OrderedCollections
public import SearchSpace

/// A command with its placeholders found, ready to be filled with the values of any number of trials.
///
/// - In a list, a placeholder is replaced by the value's text as it is. In the text after `sh -c` (also `bash -ec` and
///   the like, anywhere in the list) and in a command that is one text, each value is quoted for its place.
/// - Inputs are filled in like parameters, also by a part of one: `${{inputs.data.path}}`.
/// - Without any placeholder for a parameter, arguments are appended as ``ArgumentStyle`` says: to a list as further
///   elements, to a text, quoted, at its end. For a list that ends with `sh -c TEXT` the name of the shell is put between, as
///   `$0`: the shell would take the first argument for it, and `"$@"` in TEXT would lack a parameter.
/// - With `posix` a value that begins with `-`, such as -0.5, is an argument as it is: a program that takes it for an option
///   needs `append`, where it stands behind a `=`.
/// - Text for any other interpreter (`python -c`, `awk`) is not quoted for it: values there are safe from the shell only.
/// - A null, and an inactive parameter in `{name?}`, become nothing: an empty argument in a list, no word at all outside
///   quotes of a shell.
public struct CommandTemplate: Sendable {
    let elements: [CommandReading.Element]
    /// Written as one text for a shell.
    let isShellText: Bool
    private let style: ArgumentStyle
    private let appendsArguments: Bool
    private let appendedElement: Int?
    private let shellName: String?
    private let inputs: Assignment

    /// A template of a checked command.
    ///
    /// - Throws: ``ExecutionError/invalidCommand(problems:)`` with everything that ``problems(in:space:inputs:style:)`` finds.
    public init(
        _ command: Command,
        space: SearchSpace,
        inputs: [String: ParameterValue] = [:],
        style: ArgumentStyle = .append
    ) throws(ExecutionError) {
        let names = TemplateNames(space: space, inputs: inputs)
        let reading = CommandReading(command, names: names, style: style)
        guard reading.problems.isEmpty else { throw ExecutionError.invalidCommand(problems: reading.problems) }
        elements = reading.elements
        if case .shell = command { isShellText = true } else { isShellText = false }
        self.style = style
        appendsArguments = reading.appendsArguments
        appendedElement = reading.appendedElement
        shellName = reading.shellName
        self.inputs = names.inputs
    }

    /// The template of an experiment's command.
    ///
    /// - Throws: as ``init(_:space:inputs:style:)``.
    public init(_ definition: ExperimentDefinition) throws(ExecutionError) {
        try self.init(
            definition.command,
            space: definition.searchSpace,
            inputs: definition.inputs,
            style: definition.argumentStyle
        )
    }

    /// Everything that is wrong with a command for this search space, these inputs and this way to pass arguments; empty
    /// when the command can be used.
    public static func problems(
        in command: Command,
        space: SearchSpace,
        inputs: [String: ParameterValue] = [:],
        style: ArgumentStyle = .append
    ) -> [String] {
        CommandReading(command, names: TemplateNames(space: space, inputs: inputs), style: style).problems
    }

    /// What stays as text in a command although a placeholder was probably meant, such as `{lrr}` beside a parameter `lr`.
    public static func slips(in definition: ExperimentDefinition) -> [String] {
        let names = TemplateNames(space: definition.searchSpace, inputs: definition.inputs)
        return CommandReading(definition.command, names: names, style: definition.argumentStyle).slips
    }

    /// The argv of one trial.
    ///
    /// - Throws: ``ExecutionError/unsafePlace(parameter:value:reason:)`` when a value cannot be written without a guess,
    ///   ``ExecutionError/nulByte(_:)`` when an argument would hold a NUL.
    public func expand(_ assignment: Assignment) throws(ExecutionError) -> [String] {
        var arguments: [String] = []
        for element in elements { arguments.append(try expand(element, assignment)) }
        if appendsArguments {
            let appended = self.appended(assignment)
            if let appendedElement {
                arguments[appendedElement] = ([arguments[appendedElement]] + appended.map(Self.shellWord))
                    .joined(separator: " ")
            } else {
                arguments += (shellName.map { [$0] } ?? []) + appended
            }
        }
        for argument in arguments where argument.utf8.contains(0) { throw ExecutionError.nulByte(argument) }
        return arguments
    }

    private func appended(_ assignment: Assignment) -> [String] {
        ParameterValue.flattened(assignment).flatMap { path, value -> [String] in
            guard let text = value.valueText else { return [] }
            return switch style {
            case .append: ["--\(path)=\(text)"]
            case .posix: ["--\(path)", text]
            case .none: []
            }
        }
    }

    private func expand(
        _ element: CommandReading.Element,
        _ assignment: Assignment
    ) throws(ExecutionError) -> String {
        var bytes: [UInt8] = []
        var placeholders = 0
        for piece in element.pieces {
            switch piece {
            case .text(let text): bytes += text
            case .placeholder(let placeholder):
                let values = placeholder.source == .input ? inputs : assignment
                let value = ParameterValue.value(at: placeholder.path, in: values)
                // Null and inactive: nothing at all, also where a text would be put between quotes.
                if let text = value?.valueText {
                    let place = element.places?[placeholders]
                    bytes += Array((try place?.quoted(text, parameter: placeholder.path) ?? text).utf8)
                }
                placeholders += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func shellWord(_ argument: String) -> String {
        ShellPlace.isBareSafe(argument) ? argument : ShellPlace.word(argument)
    }
}
