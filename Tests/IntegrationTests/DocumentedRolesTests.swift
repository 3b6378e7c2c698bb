import BSON
import Foundation
import Logging
import MongoClient
import Testing

/// The roles that `docs/operations.md` tells an administrator to make, on a real mongod with authentication.
@Suite("The documented MongoDB roles", .timeLimit(.minutes(30)))
struct DocumentedRolesTests {
    private static let database = "hyper"
    private static let password = "a/secret:with@marks"
    private static let escapedPassword = "a%2Fsecret%3Awith%40marks"

    /// The arguments of `createRole` in the page, which are JSON.
    private static func roles() throws -> [BSONDocument] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
        return try page.split(separator: ".createRole(").dropFirst().map { part in
            let end = try #require(part.range(of: "\n})"))
            return try BSONDocument(json: part[..<end.lowerBound] + "\n}")
        }
    }

    @Test("let each program do its work, and nothing more")
    func roles() async throws {
        let roles = try Self.roles()
        let names = roles.compactMap { $0["role"]?.asString }
        try #require(names == ["hyperReader", "hyperWorker", "hyperServer"])
        try await Sandbox.use(["HYPER_DATABASE": "elsewhere"]) { sandbox in
            // The embedded store is a mongod with authentication; its key file opens it as an administrator's account does.
            _ = try await sandbox.service()
            let port = try sandbox.endpoint().port
            try await makeUsers(roles, port: port, key: try key(of: sandbox))
            func variables(_ user: String) -> [String: String] {
                ["HYPER_MONGO_URI": Self.uri(user, port: port), "HYPER_DATABASE": Self.database]
            }
            func client(_ user: String, _ arguments: String...) async throws -> RunningProgram {
                let command = [Sandbox.binaries + "/hyperserver"] + arguments
                return try await sandbox.finish(try sandbox.start(command: command, environment: variables(user)))
            }
            let file = try sandbox.file("roles.yaml", Self.experiment)

            // Before a server has set the database up, nobody else does, and a worker waits for it.
            let early = try await client("hyperReader", "list")
            #expect(early.ending == .exited(69) && early.errors.contains("not set up"), "\(early.story)")
            let waiting = try sandbox.worker(
                "--exit-when-idle",
                "600",
                "--experiment",
                "es0000000",
                environment: variables("hyperWorker")
            )
            try await waiting.waitForLine(containing: "not set up")
            let server = try sandbox.server("start", environment: variables("hyperServer"))
            try await server.waitForLine(containing: "leads the experiments of")
            let created = try await client("hyperServer", "create", file)
            #expect(created.ending == .exited(0), "\(created.story)")
            for line in [
                ["enqueue", "last", "x=3"], ["set", "last", "max_trials=+1"], ["pause", "last"], ["resume", "last"],
            ] {
                let program = try await sandbox.finish(
                    try sandbox.start(
                        command: [Sandbox.binaries + "/hyperserver"] + line,
                        environment: variables("hyperServer")
                    )
                )
                #expect(program.ending == .exited(0), "\(program.story)")
            }
            let worker = try sandbox.worker("--exit-when-idle", "1", environment: variables("hyperWorker"))
            #expect(try await sandbox.finish(worker).ending == .exited(0), "\(worker.story)")
            #expect(!worker.errors.contains("not authorized"), "\(worker.story)")
            try await server.waitForLine(containing: "is completed")
            #expect(!server.errors.contains("not authorized"), "\(server.story)")
            let retried = try await client("hyperServer", "retry", "last", "1")
            #expect(retried.ending == .exited(0), "\(retried.story)")
            #expect(try await client("hyperServer", "cancel", "last").ending == .exited(0))

            // Drained through the store by a server's user, and by no other.
            for (user, status) in [("hyperReader", 69), ("hyperServer", 0)] as [(String, Int32)] {
                let drain = try await client(user, "drain", ProcessInfo.processInfo.hostName)
                #expect(drain.ending == .exited(status), "\(drain.story)")
            }
            #expect(try await sandbox.finish(waiting).ending == .exited(0), "\(waiting.story)")
            try await judges(sandbox, variables)

            for arguments in [
                ["list"], ["status", "last"], ["trials", "last"], ["best", "last"], ["logs", "last"],
                ["watch", "last"], ["export", "last"], ["events", "last"], ["workers"],
            ] {
                let program = try await sandbox.finish(
                    try sandbox.start(
                        command: [Sandbox.binaries + "/hyperserver"] + arguments,
                        environment: variables("hyperReader")
                    )
                )
                // The experiment was cancelled, and watch ends as it did.
                #expect(program.ending == .exited(arguments[0] == "watch" ? 2 : 0), "\(program.story)")
                #expect(!program.output.isEmpty)
            }
            for user in ["hyperReader", "hyperWorker"] {
                for arguments in [["create", file], ["set", "last", "max_trials=+1"], ["retry", "last", "1"]] {
                    let program = try await sandbox.finish(
                        try sandbox.start(
                            command: [Sandbox.binaries + "/hyperserver"] + arguments,
                            environment: variables(user)
                        )
                    )
                    #expect(program.ending == .exited(69), "\(user): \(program.story)")
                    #expect(program.errors.contains("MongoDB does not allow this"), "\(program.story)")
                }
            }
            try await checkWrites(port: port)
            let gc = try await client("hyperServer", "gc", "--yes", "--max-logs", "0", "--max-attempts", "none")
            #expect(gc.ending == .exited(0) && gc.output.contains("Removed"), "\(gc.story)")
            let deleted = try await client("hyperServer", "delete", "last", "--yes")
            #expect(deleted.ending == .exited(0), "\(deleted.story)")
        }
    }

    /// What `doctor` says of each role, in both programs.
    private func judges(_ sandbox: Sandbox, _ variables: (String) -> [String: String]) async throws {
        for (user, server, worker) in [
            ("hyperReader", "warn", "fail"), ("hyperWorker", "warn", "ok"), ("hyperServer", "ok", "fail"),
        ] {
            for (program, expected) in [("hyperserver", server), ("hyperworker", worker)] {
                let doctor = try await sandbox.finish(
                    try sandbox.start(
                        command: [Sandbox.binaries + "/" + program, "doctor", "--json"],
                        environment: variables(user)
                    )
                )
                let report = try JSONDecoder().decode(DoctorRecord.self, from: Data(doctor.output.utf8))
                let failing = report.checks.filter { $0.name.hasPrefix("store.") && $0.status == "fail" }.map(\.name)
                #expect(failing == (expected == "fail" ? ["store.authorization"] : []), "\(user): \(doctor.story)")
                let judged = report.checks.first { $0.name == "store.authorization" }
                #expect(judged?.status == expected, "\(user), \(program): \(doctor.story)")
                #expect(report.checks.first { $0.name == "store.indexes" }?.status == "ok", "\(doctor.story)")
            }
        }
    }

    private struct DoctorRecord: Decodable {
        struct Check: Decodable {
            var name: String
            var status: String
        }
        var checks: [Check]
    }

    /// What a stolen password of a worker or reader could do by itself.
    private func checkWrites(port: Int) async throws {
        let forbidden: [(user: String, collection: String, change: Change)] = [
            ("hyperReader", "jobs", .update), ("hyperReader", "jobs", .insert), ("hyperReader", "experiments", .update),
            ("hyperReader", "workers", .delete), ("hyperReader", "logs", .insert),
            ("hyperWorker", "experiments", .update), ("hyperWorker", "experiments", .insert),
            ("hyperWorker", "jobs", .insert), ("hyperWorker", "jobs", .delete), ("hyperWorker", "logs", .delete),
            ("hyperReader", "meta", .insert), ("hyperWorker", "meta", .insert), ("hyperWorker", "events", .insert),
            ("hyperServer", "observations", .insert), ("hyperServer", "workers", .delete),
            ("hyperServer", "workers", .insert), ("hyperReader", "workers", .update),
        ]
        for (user, collection, change) in forbidden {
            let connection = try MongoConnection(uri: Self.uri(user, port: port), logger: Logger(label: "roles"))
            let error = await Self.error(
                of: change,
                Namespace(database: Self.database, collection: collection),
                connection
            )
            await connection.close()
            #expect(error?.kind == .notAuthorized, "\(user) may \(change) \(collection): \(String(describing: error))")
        }
    }

    private enum Change { case insert, update, delete }

    private static func error(of change: Change, _ place: Namespace, _ connection: MongoConnection) async -> MongoError?
    {
        do {
            switch change {
            case .insert: _ = try await connection.insert([["_id": "roles"]], into: place)
            case .update: _ = try await connection.updateOne(["_id": "roles"], ["$set": ["a": 1]], in: place)
            case .delete: _ = try await connection.deleteOne(["_id": "roles"], in: place)
            }
            return nil
        } catch {
            return error
        }
    }

    private func makeUsers(_ roles: [BSONDocument], port: Int, key: String) async throws {
        let uri = "mongodb://__system:\(key)@127.0.0.1:\(port)/?authSource=local&directConnection=true"
        let connection = try MongoConnection(uri: uri, logger: Logger(label: "roles"))
        do {
            for role in roles {
                let name = try #require(role["role"]?.asString)
                let command: BSONDocument = [
                    "createRole": .string(name), "privileges": try #require(role["privileges"]),
                    "roles": try #require(role["roles"]),
                ]
                _ = try await connection.command(command, on: Self.database)
                let user: BSONDocument = [
                    "createUser": .string(name), "pwd": .string(Self.password),
                    "roles": [["role": .string(name), "db": .string(Self.database)]],
                ]
                _ = try await connection.command(user, on: "admin")
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private static func uri(_ user: String, port: Int) -> String {
        "mongodb://\(user):\(escapedPassword)@127.0.0.1:\(port)/?authSource=admin&directConnection=true"
    }

    private func key(of sandbox: Sandbox) throws -> String {
        let text = try String(contentsOfFile: sandbox.dataDirectory + "/mongod.key", encoding: .utf8)
        let key = text.filter { !$0.isWhitespace }
        return try #require(key.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    }

    private static let experiment = """
        name: roles
        command: [sh, -c, 'test "$HYPER_TRIAL_ID" != 1 && echo "loss={x}"']
        search_space: {x: "uniform(-5, 5)"}
        objective: {metric: loss, goal: minimize}
        sampler: {type: random, seed: 3}
        limits: {max_trials: 3}
        """
}
