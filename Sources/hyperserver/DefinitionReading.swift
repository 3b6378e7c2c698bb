import CommandLineSupport
import Execution
import ExperimentFile
import ExperimentModel
import Foundation
import Glibc

/// Reads experiment files and turns what is wrong with them into the program's end.
enum DefinitionReading {
    /// The definition in a file.
    ///
    /// - Parameters:
    ///   - defaultSeed: the seed of a file that gives none; drawn by default.
    ///   - policies: what `--policy` says, in place of the file's policies.
    /// - Throws: ``ProgramFailure`` with every mistake, each with file, line and column.
    static func read(
        _ path: String,
        defaultSeed: UInt64 = .random(in: .min ... .max),
        policies: [String] = []
    ) throws -> ExperimentDefinition {
        let bytes = try contents(of: path)
        let directory = directory(of: path)
        return try definition { () throws(ExperimentFileErrors) in
            try ExperimentFile.read(
                bytes: bytes,
                fileName: path,
                directory: directory,
                defaultSeed: defaultSeed,
                policies: policies,
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
        for slip in CommandTemplate.slips(in: reading.definition) {
            Console.printError("command: warning: \(TextTable.printable(slip))")
        }
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
        func failure(_ reason: String) -> ProgramFailure {
            ProgramFailure(.usage, "\(TextTable.printable(path)) cannot be read: \(reason)")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT {
                throw failure("there is no such file. Check the name; relative ones count from the current directory.")
            }
            throw failure("\(String(cString: strerror(errno))). Check who may read it (ls -l).")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= ExperimentFile.maximumBytes {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EISDIR { throw failure("it is a directory. Name a file in it.") }
            guard count >= 0 else { throw failure("\(String(cString: strerror(errno))). Check the disk.") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return Array(bytes.prefix(ExperimentFile.maximumBytes + 1))
    }

    /// The absolute path of the directory that a file lies in.
    static func directory(of path: String) -> String { absolute((path as NSString).deletingLastPathComponent) }

    /// An absolute path, relative ones taken from the current directory.
    static func absolute(_ path: String) -> String {
        let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        return (full as NSString).standardizingPath
    }
}
