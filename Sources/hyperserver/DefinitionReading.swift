import CommandLineSupport
import Execution
import ExperimentFile
import ExperimentModel
import Foundation

/// Reads experiment files and turns what is wrong with them into the program's end.
enum DefinitionReading {
    /// The definition in a file.
    /// - Throws: ``ProgramFailure`` with every mistake, each with file, line and column.
    static func read(_ path: String) throws -> ExperimentDefinition {
        let bytes = try contents(of: path)
        let directory = absolute((path as NSString).deletingLastPathComponent)
        return try checked {
            try ExperimentFile.read(
                bytes: bytes,
                fileName: path,
                directory: directory,
                defaultSeed: .random(in: .min ... .max),
                checkCommand: CommandTemplate.problems
            )
        }
    }

    /// Prints warnings; turns errors into the program's end.
    static func checked(_ read: () throws -> ExperimentFile.Result) throws -> ExperimentDefinition {
        do {
            let reading = try read()
            for warning in reading.warnings { Console.printError("\(warning)") }
            return reading.definition
        } catch let errors as ExperimentFileErrors {
            for diagnostic in errors.diagnostics { Console.printError("\(diagnostic)") }
            throw ProgramFailure(.usage)
        }
    }

    /// The bytes of a file, one more than allowed at most, so that the reader can say that it is too long.
    private static func contents(of path: String) throws -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            return Array(try handle.read(upToCount: ExperimentFile.maximumBytes + 1) ?? Data())
        } catch {
            throw ProgramFailure(.usage, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// An absolute path, relative ones taken from the current directory.
    static func absolute(_ path: String) -> String {
        let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        return (full as NSString).standardizingPath
    }
}
