import BSON
import Foundation
import Glibc
import Logging
import MongoClient
import Testing

@testable import EmbeddedMongo

/// A mongod as a user starts it, and what a connection string makes of it.
@Suite("Server setup", .timeLimit(.minutes(10)))
struct ServerSetupTests {
    private static let key = "c2VjcmV0IG9mIHRoZSBzZXQ"
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func keyFile(_ sandbox: StoreSandbox, _ text: String = key + "\n", mode: mode_t = 0o600) throws -> String {
        let path = sandbox.folder + "/set.key"
        unlink(path)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, mode)
        return path
    }

    private func uri(_ password: String, port: Int) -> String {
        "mongodb://tuner:\(password)@127.0.0.1:\(port)/?replicaSet=\(MongodCommandLine.replicaSetName)"
    }

    private func setup(_ uri: String, key: String, database: String = "hyper") throws -> ServerSetup {
        try ServerSetup(uri: uri, database: database, keyFile: key, logger: silent)
    }

    /// The mongod of the sandbox's directory, whose key is ours.
    private func mongod(_ sandbox: StoreSandbox, port: Int) async throws -> MongodChild {
        try PrivateFile.write(Array(Self.key.utf8), to: sandbox.directory.keyFile)
        let environment = ProcessInfo.processInfo.environment
        return try MongodChild(
            try await MongodBinary.find(explicit: nil, environment: environment),
            commandLine: MongodCommandLine(port: port, listening: nil),
            usesIPv6: false,
            directory: sandbox.directory,
            environment: environment
        )
    }

    @Test("a fresh mongod becomes what the URI names, again after a lost password, and no right is taken away")
    func fresh() async throws {
        try await StoreSandbox.use { sandbox in
            let port = try #require(LoopbackPort.free())
            let child = try await mongod(sandbox, port: port)
            let key = try keyFile(sandbox)

            let first = try await setup(uri("first%2Fpassword", port: port), key: key).run()
            #expect(first == .init(member: "127.0.0.1:\(port)", replicaSet: "hyper", user: "tuner"))
            let other: ServerSetup = try setup(uri("second", port: port), key: key, database: "elsewhere")
            #expect(try await other.run() == first)

            let insert: BSONDocument = ["insert": "c", "documents": [["_id": 1]]]
            for database in ["hyper", "elsewhere"] {
                let reply = try await command(insert, on: database, uri("second", port: port))
                #expect(reply["n"]?.asInt == 1)
            }
            let refused = await #expect(throws: MongoError.self) {
                try await command(insert, on: "hyper", uri("first%2Fpassword", port: port))
            }
            #expect(refused?.kind == .authenticationFailed)
            // The user is no administrator.
            let forbidden = await #expect(throws: MongoError.self) {
                try await command(insert, on: "third", uri("second", port: port))
            }
            #expect(forbidden?.kind == .notAuthorized)

            // Under another name it is not ours to change.
            let renamed = "mongodb://tuner:second@localhost:\(port)/?replicaSet=hyper"
            await #expect(throws: ServerSetupError.otherConfiguration(member: "localhost:\(port)")) {
                try await setup(renamed, key: key).run()
            }
            let wrong = try keyFile(sandbox, "another")
            await #expect(throws: ServerSetupError.keyRefused(member: "127.0.0.1:\(port)")) {
                try await setup(uri("second", port: port), key: wrong).run()
            }
            #expect(await child.terminate(timeout: .seconds(60)))
        }
    }

    @Test("gives up in time on a server that is not there")
    func absent() async throws {
        try await StoreSandbox.use { sandbox in
            var timeouts = EmbeddedStoreTimeouts()
            timeouts.ready = .milliseconds(50)
            timeouts.command = .milliseconds(50)
            let port = try #require(LoopbackPort.free())
            let setup = try ServerSetup(
                uri: uri("secret", port: port),
                database: "hyper",
                keyFile: try keyFile(sandbox),
                timeouts: timeouts,
                logger: silent
            )
            let error = await #expect(throws: ServerSetupError.self) { try await setup.run() }
            guard case .timedOut(member: "127.0.0.1:\(port)", after: timeouts.ready, let doing)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(doing.contains("becoming the primary"))
        }
    }

    @Test(
        "asks for what the URI lacks",
        arguments: [
            "mongodb://u:p@a/", "mongodb://u:p@a,b/?replicaSet=s", "mongodb://a/?replicaSet=s",
            "mongodb://u@a/?replicaSet=s",
        ]
    )
    func incomplete(uri: String) async throws {
        try await StoreSandbox.use { sandbox in
            let key = try keyFile(sandbox)
            let error = #expect(throws: ServerSetupError.self) { try setup(uri, key: key) }
            guard case .incompleteURI? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.isUsage == true)
        }
    }

    @Test("takes no key that others may read, that is empty, or that is not there")
    func keys() async throws {
        try await StoreSandbox.use { sandbox in
            let uri = "mongodb://u:p@a/?replicaSet=s"
            for path in [
                sandbox.folder + "/none", try keyFile(sandbox, mode: 0o644), try keyFile(sandbox, " \n"),
            ] {
                let error = #expect(throws: ServerSetupError.self) { try setup(uri, key: path) }
                #expect(error?.isUsage == true)
                #expect(error?.description.contains(path) == true)
            }
        }
    }
}
