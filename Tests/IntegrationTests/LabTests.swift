import Foundation
import Glibc
import MongoClient
import Testing

/// The files of the lab agree with the programs; scripts/full.d/lab runs them for real.
@Suite("The lab", .timeLimit(.minutes(10)))
struct LabTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let lab = root.appending(path: "scripts/lab").path

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Command lines of our programs in the compose file and the Dockerfile: one by one, as words.
    private static func commands() throws -> [[String]] {
        let lines =
            try text("docker/docker-compose.yml").split(separator: "\n")
            + text("docker/Dockerfile").split(separator: "\n")
        return lines.compactMap { line in
            guard let match = line.firstMatch(of: /^\s*(?:command: |test: \[|CMD \[)(.*?)\]?$/) else { return nil }
            let words = match.1.split { " ,\"".contains($0) }.map(String.init).filter {
                $0 != "CMD" && $0 != "hyper-entrypoint"
            }
            return words.first?.hasPrefix("hyper") == true ? words : nil
        }
    }

    @Test("every command of the lab is one that the programs have, with options that it has")
    func commandsExist() async throws {
        let commands = try Self.commands()
        #expect(
            Set(commands.map { $0.prefix(2).joined(separator: " ") }) == [
                "hyperserver mongo-init", "hyperserver start", "hyperserver doctor", "hyperworker --count",
                "hyperworker doctor",
            ]
        )
        try await Sandbox.use { sandbox in
            for words in commands {
                let names = words.prefix { !$0.hasPrefix("-") }
                let line = [Sandbox.binaries + "/" + words[0]] + names.dropFirst() + ["--help"]
                let help = try await sandbox.finish(try sandbox.start(command: line))
                #expect(help.ending == .exited(0), "\(help.story)")
                #expect(
                    names.count == 1 || help.output.contains("USAGE: \(names.joined(separator: " "))"),
                    "\(help.story)"
                )
                for option in words where option.hasPrefix("-") {
                    #expect(help.output.contains("\n  \(option) "), "\(option) is no option of\n\(help.story)")
                }
            }
        }
    }

    @Test("every variable that the lab gives the programs is one of theirs")
    func variables() throws {
        let files = try Self.text("docker/docker-compose.yml") + Self.text("docker/Dockerfile")
        let given = Set(files.matches(of: /(HYPER_[A-Z_]+)[:=] ?[^-]/).map { String($0.1) })
        #expect(given == ["HYPER_MONGO_URI_FILE", "HYPER_MONGO_KEY_FILE", "HYPER_LEASE_SECONDS", "HYPER_WORKDIR"])
        let page = try Self.text("docs/operations.md")
        for variable in given { #expect(page.contains("`\(variable)`"), "\(variable)") }
    }

    @Test("the secrets are made once, for their owner alone, and name what the compose file starts")
    func secrets() async throws {
        try await Sandbox.use { sandbox in
            let folder = sandbox.directory + "/secrets"
            func make() async throws -> [Data?] {
                let program = try await sandbox.finish(
                    try sandbox.start(command: [Self.lab, "secrets"], environment: ["HYPER_SECRETS": folder])
                )
                #expect(program.ending == .exited(0), "\(program.story)")
                return ["mongo_key", "mongo_uri"].map { FileManager.default.contents(atPath: "\(folder)/\($0)") }
            }
            let first = try await make()
            #expect(try await make() == first)
            for (path, mode) in [("", 0o700), ("/mongo_key", 0o600), ("/mongo_uri", 0o600)] as [(String, mode_t)] {
                var status = stat()
                #expect(lstat(folder + path, &status) == 0 && status.st_mode & 0o777 == mode, "\(path)")
            }
            let key = String(decoding: try #require(first[0]), as: UTF8.self)
            #expect(key.wholeMatch(of: /[A-Za-z0-9+\/]{64}/) != nil)
            let line = String(decoding: try #require(first[1]), as: UTF8.self)
            let uri = try ConnectionString(line.trimmingCharacters(in: .newlines))
            #expect(uri.hosts == ["mongo:27017"])
            #expect(uri.user == "hyper" && uri.password?.count == 48)
            let compose = try Self.text("docker/docker-compose.yml")
            #expect(compose.contains("\n  mongo:\n"))
            #expect(compose.contains("--replSet=\(try #require(uri.replicaSet))\n"))
        }
    }

    @Test(
        "scripts/lab refuses what it does not know with 64, before it looks for an engine",
        arguments: [
            [], ["fly"], ["up", "--workers", "0"], ["up", "--workers"], ["up", "down"], ["up", "--volumes"],
            ["down", "--project", "No Such"],
        ]
    )
    func usage(arguments: [String]) async throws {
        try await Sandbox.use { sandbox in
            let program = try await sandbox.finish(try sandbox.start(command: [Self.lab] + arguments))
            #expect(program.ending == .exited(64), "\(program.story)")
            #expect(program.errors.contains("usage: scripts/lab"))
        }
    }

    private static let compose = ["/usr/bin/docker-compose", "/usr/local/bin/docker-compose"]
        .first(where: FileManager.default.isExecutableFile(atPath:))

    @Test("Compose reads the file", .enabled(if: compose != nil, "there is no docker-compose on this machine"))
    func composed() async throws {
        try await Sandbox.use { sandbox in
            let file = Self.root.appending(path: "docker/docker-compose.yml").path
            let line = [try #require(Self.compose), "--file", file, "config", "--services"]
            let program = try await sandbox.finish(try sandbox.start(command: line))
            #expect(program.ending == .exited(0), "\(program.story)")
            #expect(
                Set(program.output.split(separator: "\n")) == ["mongo", "mongo-init", "hyperserver", "hyperworker"]
            )
        }
    }
}
