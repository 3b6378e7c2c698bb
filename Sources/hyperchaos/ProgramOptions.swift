import ArgumentParser
import CommandLineSupport
import Foundation

/// Where the programs are that get broken.
struct ProgramOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory with hyperserver and hyperworker (default: that of this program).",
            valueName: "dir"
        )
    )
    var programs: String?

    @Option(help: ArgumentHelp("The program that trials run; scripts/chaos builds it.", visibility: .hidden))
    var trial: String

    func places(scratch: String) throws -> Places {
        let own = Bundle.main.executableURL?.deletingLastPathComponent().path
        guard let directory = programs ?? own else {
            throw ProgramFailure(.usage, "Say where the programs are: --programs DIR.")
        }
        let places = Places(programs: directory, trial: trial, scratch: scratch)
        for program in [places.server, places.worker, trial]
        where !FileManager.default.isExecutableFile(atPath: program) {
            throw ProgramFailure(.usage, "There is no program \(TextTable.printable(program)). Use scripts/chaos.")
        }
        return places
    }
}

/// Where everything is.
struct Places: Sendable {
    var programs: String
    var trial: String
    /// For data, logs and the journal of this run.
    var scratch: String

    var server: String { programs + "/hyperserver" }
    var worker: String { programs + "/hyperworker" }
    var journal: String { scratch + "/journal" }

    /// Stands in the environment of every program and trial of this run, so that they are told from all others.
    static let marker = "HYPER_CHAOS_RUN"
}

/// A directory for one run.
struct ScratchDirectory: Sendable {
    let path: String

    /// Makes one among the temporary files.
    static func make(named name: String) throws -> ScratchDirectory {
        let stamp = String(UInt32.random(in: 0 ... .max), radix: 36)
        let url = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(stamp)")
        try FileManager.default.createDirectory(
            at: url,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        return ScratchDirectory(path: url.path)
    }

    /// Removes what mongods keep: large, and of no use without them.
    func removeDatabases() {
        for index in 0..<3 {
            try? FileManager.default.removeItem(atPath: "\(path)/mongod-\(index)")  // best effort: temporary files
        }
    }

    /// Removes all of it.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)  // best effort: temporary files
    }
}
