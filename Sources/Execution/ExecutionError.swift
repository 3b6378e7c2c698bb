import Glibc

/// What can keep an attempt from being started; each text says what to change.
public enum ExecutionError: AttemptTrouble, Equatable, CustomStringConvertible {
    /// The command cannot be used with this search space.
    case invalidCommand(problems: [String])
    /// A value cannot be written where its placeholder stands without a guess.
    case unsafePlace(parameter: String, value: String, reason: String)
    /// An argument holds a NUL byte, which no process can be given.
    case nulByte(String)
    /// The id of the experiment is no safe name of a directory.
    case unsafeIdentifier(String)
    /// A directory or file of the attempt could not be made.
    case attemptDirectory(path: String, reason: String)
    /// A variable of `env:` that no process can be given.
    case invalidVariable(name: String)
    /// The working directory of the experiment is not there.
    case noWorkingDirectory(path: String, host: String)
    /// The directory in which the trial is to run is not in its workspace.
    case noDirectoryInWorkspace(path: String)
    /// The worker cannot bring workspaces here.
    case noWorkspaces(host: String)
    /// The worker does not know a secret that the definition names.
    case noSecret(name: String, host: String)
    /// There is no program to run.
    case cannotStart(program: String, failure: LookupFailure, host: String)
    /// The kernel refused to start the program.
    case startFailed(program: String, reason: String, host: String)
    /// The system has no room for a further process.
    case noRoom(program: String, reason: String, host: String)
    /// This process can open nothing more.
    case noDescriptors(reason: String)
    /// Nothing to run: the command is empty.
    case emptyCommand
    /// The lease of an exclusive attempt is nearly over.
    case leaseOver

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .invalidCommand(let problems): problems.joined(separator: "; ")
        case .unsafePlace(let parameter, let value, let reason):
            "the value of \(parameter) (\(shown(value))) cannot be written where its placeholder stands: \(reason). "
                + "Let the trial read it from $HYPER_PARAMS_FILE, or write the command as a list"
        case .nulByte(let argument):
            "the argument \(shown(argument)) holds a NUL byte, which no command can be given; change the search space"
        case .unsafeIdentifier(let id):
            "the experiment's id \(shown(id)) holds more than letters, digits, - and _, so no directory is made for it; "
                + "experiments made by `hyperserver create` have safe ids"
        case .attemptDirectory(let path, let reason):
            "the directory of the attempt, \(path), cannot be made: \(reason); check --workdir on this worker"
        case .invalidVariable(let name):
            "env: \(shown(name)) cannot be set: a name must not be empty, begin with a digit or hold \"=\", and neither "
                + "name nor value may hold a NUL byte"
        case .noWorkingDirectory(let path, let host):
            "the working directory \(shown(path, limit: 400)) does not exist on the worker \(host); make it there, or give "
                + "working_directory: a directory that all workers have"
        case .noDirectoryInWorkspace(let path):
            "there is no directory \(shown(path, limit: 400)) in the workspace; check working_directory:"
        case .noWorkspaces(let host):
            "the worker \(host) brings no workspaces; start a hyperworker of this version there"
        case .noSecret(let name, let host):
            "the worker \(host) does not know the secret \(shown(name)); add it to the file of its --secrets and start it anew"
        case .cannotStart(let program, let failure, let host):
            switch failure {
            case .notFound: "\(shown(program)) not found; check command: and PATH on the worker \(host)"
            case .notExecutable(let path):
                "\(shown(path, limit: 400)) is not executable on the worker \(host); chmod +x it, or name its "
                    + "interpreter in command:"
            case .isDirectory(let path): "\(shown(path, limit: 400)) is a directory; check command:"
            }
        case .startFailed(let program, let reason, let host), .noRoom(let program, let reason, let host):
            "\(shown(program)) cannot be started on the worker \(host): \(reason)"
        case .noDescriptors(let reason):
            "the worker can open no more files: \(reason); raise its limit (ulimit -n) or run fewer slots"
        case .emptyCommand: "the command is empty; give command: a program to run"
        case .leaseOver: "its lease was nearly over before it could start; it is given back"
        }
    }
}

extension ExecutionError {
    /// Whether this machine, not the trial, is what has to change: another worker may well run it.
    public var isTroubleOfMachine: Bool {
        switch self {
        case .attemptDirectory, .noRoom, .noDescriptors, .leaseOver, .noWorkspaces, .noSecret: true
        case .invalidCommand, .unsafePlace, .nulByte, .unsafeIdentifier, .invalidVariable, .noWorkingDirectory,
            .noDirectoryInWorkspace, .cannotStart, .startFailed, .emptyCommand:
            false
        }
    }

    /// Why a program that is there was not started.
    static func refusal(_ failure: ProcessSpawner.Failure, program: String, host: String) -> ExecutionError {
        let reason = ProcessTrialExecutor.reason(failure)
        switch failure.code {
        case EAGAIN, ENOMEM, EMFILE, ENFILE: return .noRoom(program: program, reason: reason, host: host)
        default: return .startFailed(program: program, reason: reason, host: host)
        }
    }
}

/// Why no program was found.
public enum LookupFailure: Error, Equatable, Sendable {
    /// No file of that name.
    case notFound
    /// A file that this user must not execute.
    case notExecutable(path: String)
    /// A directory.
    case isDirectory(path: String)
}

/// A text from outside for a message: one line, without control characters, not too long.
func shown(_ text: String, limit: Int = 80) -> String {
    let cut = text.unicodeScalars.prefix(limit)
    var result = "\""
    for scalar in cut {
        if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
            result += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + (cut.endIndex == text.unicodeScalars.endIndex ? "\"" : "…\"")
}
