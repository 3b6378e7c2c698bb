public import ExperimentModel
public import SearchSpace

/// The command of a trial as a person can paste it into a shell, with its directory and its own variables.
public enum RerunCommand {
    /// One line such as `cd /home/me && env SEED=1 python train.py --lr=0.01`, or, for a trial in a container,
    /// `docker run --rm --volume /home/me:/home/me --workdir /home/me python:3.12 python train.py --lr=0.01`.
    ///
    /// What the shell would read differently is quoted. A command that is one text for the shell is run as the worker runs it,
    /// by `/bin/sh -c`. Of the variables that a worker adds (`HYPER_…`) it has `HYPER_PARAMS` where nothing else need tell
    /// the command its values: with `arguments: none`.
    /// - Throws: ``ExecutionError`` when the command cannot be filled with these values.
    public static func line(
        _ definition: ExperimentDefinition,
        _ assignment: Assignment
    ) throws(ExecutionError) -> String {
        let template = try CommandTemplate(definition)
        var arguments = try template.expand(assignment)
        if template.isShellText, let text = arguments.last { arguments = ["/bin/sh", "-c", text] }
        var environment = definition.environment
        if definition.argumentStyle == .none {
            environment["HYPER_PARAMS"] = ParameterValue.mapping(assignment).json
        }
        if let container = definition.container {
            return RerunContainer(definition: definition, container: container, root: root(of: definition))
                .line(environment, arguments)
        }
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if !variables.isEmpty { arguments = ["env"] + variables + arguments }
        let directory = CommandTemplate.typed(Self.directory(of: definition), isProgram: false)
        return "cd \(directory) && " + CommandTemplate.typed(arguments)
    }

    /// Where a person would run it.
    private static func directory(of definition: ExperimentDefinition) -> String {
        guard definition.workspace != nil, !definition.workingDirectory.isEmpty else { return root(of: definition) }
        return "\(root(of: definition))/\(definition.workingDirectory)"
    }

    /// The working directory; with a workspace, where that came from, or in a checkout of it.
    private static func root(of definition: ExperimentDefinition) -> String {
        switch definition.workspace?.source {
        case nil: return definition.workingDirectory
        case .path(let path): return path
        case .git(let url, _, let subdirectory):
            let name = url.split(separator: "/").last.map { $0.hasSuffix(".git") ? String($0.dropLast(4)) : String($0) }
            return [name, subdirectory].compactMap(\.self).joined(separator: "/")
        }
    }
}
