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
        let directory = directory(of: path)
        return try definition { () throws(ExperimentFileErrors) in
            try ExperimentFile.read(
                bytes: bytes,
                fileName: path,
                directory: directory,
                defaultSeed: .random(in: .min ... .max),
                checkCommand: CommandTemplate.problems
            )
        }
    }

    /// Turns mistakes in what was read into the program's end.
    static func checked<R>(_ read: () throws(ExperimentFileErrors) -> R) throws -> R {
        do {
            return try read()
        } catch {
            for diagnostic in error.diagnostics { Console.printError("\(diagnostic)") }
            throw ProgramFailure(.usage)
        }
    }

    /// Prints warnings; turns errors into the program's end.
    static func definition(
        _ read: () throws(ExperimentFileErrors) -> ExperimentFile.Result
    ) throws -> ExperimentDefinition {
        let reading = try checked(read)
        for warning in reading.warnings { Console.printError("\(warning)") }
        return reading.definition
    }

    /// The text of a file, which must be UTF-8.
    static func text(of path: String) throws -> String {
        guard let text = String(validating: try contents(of: path), as: UTF8.self) else {
            throw ProgramFailure(.usage, "\(path) is not UTF-8 text; save it as UTF-8.")
        }
        return text
    }

    /// The bytes of a file, one more than allowed at most, so that the reader can say that it is too long.
    static func contents(of path: String) throws -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            return Array(try handle.read(upToCount: ExperimentFile.maximumBytes + 1) ?? Data())
        } catch {
            throw ProgramFailure(.usage, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// The absolute path of the directory that a file lies in.
    static func directory(of path: String) -> String { absolute((path as NSString).deletingLastPathComponent) }

    /// An absolute path, relative ones taken from the current directory.
    static func absolute(_ path: String) -> String {
        let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        return (full as NSString).standardizingPath
    }
}
