public import ArgumentParser
import Coordination
import EmbeddedMongo
import Foundation
import MongoClient
import SearchSpace
import StoreOptions

/// Runs a command line program to its end: one place that turns every error into a message and an exit status.
public enum Program {
    /// Parses the arguments, runs the command and exits.
    public static func main<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
        // A reader that went away must not end the program before it has closed its store; children get the default back.
        signal(SIGPIPE, SIG_IGN)
        // A service manager may ignore the ends of its children, and that is inherited: the kernel would keep none of ours.
        signal(SIGCHLD, SIG_DFL)
        do {
            var command = try root.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch {
            let words = Array(CommandLine.arguments.dropFirst())
            guard let failure = failure(for: error) ?? unknownCommand(words, root, error) ?? unknownFailure(error, root)
            else { root.exit(withError: error) }
            if !failure.description.isEmpty { Console.printError("error: \(failure.description)") }
            exit(failure.status.rawValue)
        }
    }

    /// A first word that is no command: the parser would only call it unexpected.
    private static func unknownCommand(
        _ words: [String],
        _ root: any ParsableCommand.Type,
        _ error: any Error
    ) -> ProgramFailure? {
        let commands = root.configuration.subcommands.map { $0._commandName } + ["help"]
        guard root.exitCode(for: error) == .validationFailure, commands.count > 1, let word = words.first,
            !word.hasPrefix("-"), !commands.contains(word)
        else { return nil }
        let hint = nearestName(to: word, among: commands).map { " Did you mean `\(root._commandName) \($0)`?" } ?? ""
        return ProgramFailure(
            .usage,
            "There is no command \"\(TextTable.printable(word))\".\(hint) `\(root._commandName) --help` lists the commands."
        )
    }

    /// An error that neither we nor the argument parser know is a bug of ours.
    private static func unknownFailure(_ error: any Error, _ root: any ParsableCommand.Type) -> ProgramFailure? {
        if error is ExitCode || root.exitCode(for: error) != .failure { return nil }
        return ProgramFailure(.internalError, "\(error)")
    }

    /// What an error means for the program's end; `nil` for errors of the argument parser, which knows its own.
    static func failure(for error: any Error) -> ProgramFailure? {
        switch error {
        case let failure as ProgramFailure: failure
        case let error as TrialStoreError:
            switch error {
            case .unavailable, .refused, .newerSchema, .notSetUp: ProgramFailure(.unavailable, "\(error)")
            case .noSuchExperiment: ProgramFailure(.failed, "\(error)")
            default: ProgramFailure(.internalError, "\(error)")
            }
        case let error as MongoError where error.kind == .malformedURI: ProgramFailure(.usage, "\(error)")
        case let error as MongoError: ProgramFailure(.unavailable, "\(error)")
        case let error as EmbeddedMongoError:
            switch error {
            case .invalidListening: ProgramFailure(.usage, "\(error)")
            default: ProgramFailure(.unavailable, "\(error)")
            }
        case let error as StoreOptionsError: ProgramFailure(.usage, "\(error)")
        case is CancellationError: ProgramFailure(.interrupted)
        default: nil
        }
    }
}
