import Foundation
import Glibc
import Testing

@Suite("doctor: what is wrong with a machine and its store")
struct DoctorTests {
    private struct Report: Decodable {
        struct Check: Decodable {
            var name: String
            var status: String
            var detail: String
            var remedy: String?
        }
        var checks: [Check]
        var status: String

        subscript(name: String) -> Check? { checks.first { $0.name == name } }
    }

    private static func report(_ program: RunningProgram) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(program.output.utf8))
    }

    @Test("without a store it makes none, and tells what cannot be used with the right status")
    func withoutStore() async throws {
        try await Sandbox.use { sandbox in
            let fresh = try await sandbox.client("doctor")
            #expect(fresh.ending == .exited(0), "\(fresh.story)")
            #expect(fresh.output.contains("not running; any command starts it"), "\(fresh.story)")
            #expect(!FileManager.default.fileExists(atPath: sandbox.dataDirectory), "a store was made")

            let workdir = try await sandbox.client("doctor", "--json", "--workdir", "/dev/null/x")
            #expect(workdir.ending == .exited(1), "\(workdir.story)")
            #expect(try Self.report(workdir)["machine.workdir"]?.status == "fail")

            let port = try FreePort.find()
            let uri = "mongodb://user:secret@127.0.0.1:\(port)/"
            let dead = try await sandbox.client("doctor", "--quiet", "--mongo", uri)
            #expect(dead.ending == .exited(69), "\(dead.story)")
            #expect(dead.output.contains("FAIL  store.connection"), "\(dead.story)")
            #expect(!dead.output.contains("\nok") && !dead.output.contains("secret"), "\(dead.story)")

            let old = try await sandbox.executable("old-mongod", "echo 'db version v5.0.1'")
            let outdated = try await sandbox.client("doctor", "--mongod", old)
            #expect(outdated.ending == .exited(69), "\(outdated.story)")
            let contradiction = try await sandbox.client("doctor", "--mongo", uri, "--mongo-uri-file", "x")
            #expect(contradiction.ending == .exited(69), "\(contradiction.story)")
            let missing = try await sandbox.client("doctor", "no-such.yaml")
            #expect(missing.ending == .exited(1), "\(missing.story)")
        }
    }

    @Test("a docker that hangs, crashes or prints anything holds nothing up")
    func hostileProgram() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.executable("docker", "printf 'bad\\033[2J\\nmore' >&2; exit 3")
            _ = try await sandbox.executable("podman", "sleep 600")
            let path = sandbox.directory + ":" + (sandbox.environment["PATH"] ?? "/usr/bin:/bin")
            let program = try await sandbox.client("doctor", "--json", environment: ["PATH": path])
            let report = try Self.report(program)
            #expect(report["machine.docker"]?.detail.hasSuffix("docker does not work: bad [2J") == true)
            #expect(report["machine.podman"]?.detail.contains("no answer within") == true)
            #expect(report.checks.filter { $0.name.hasPrefix("machine.") && $0.status == "warn" }.count >= 2)
        }
    }

    @Test("a store that runs is looked at from all sides, with its workers, its experiments and a file")
    func runningStore() async throws {
        try await Sandbox.use { sandbox in
            let service = try await sandbox.service()
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 2))
            let program = try await sandbox.client("doctor", "--json", "gated.yaml")
            #expect(program.ending == .exited(0), "\(program.story)")
            let report = try Self.report(program)
            for name in [
                "connection", "version", "topology", "authentication", "authorization", "latency", "change_streams",
                "majority_write", "schema", "indexes", "clock", "oplog", "directory", "endpoint", "mongod_process",
                "locks",
            ] {
                let check = report["store." + name]
                #expect(check != nil && check?.status != "fail", "\(name): \(check?.detail ?? "is missing")")
            }
            #expect(report["file.valid"]?.status == "ok")
            #expect(report["file.working_directory"]?.status == "ok")
            #expect(report["file.command"]?.status == "ok")
            #expect(report["experiments.unserved"]?.detail.contains(id) == true)
            #expect(report["experiments.leaderless"] == nil)
            #expect(report["workers.live"]?.status == "skip")

            let worker = try sandbox.worker()
            _ = try await sandbox.gate.next()
            let seen = try Self.report(try await sandbox.client("doctor", "--json"))
            #expect(seen["workers.live"]?.status == "ok")
            #expect(seen["workers.versions"]?.status == "ok")
            #expect(seen["experiments.unserved"] == nil)
            let other = try await sandbox.finish(
                try sandbox.start(command: [Sandbox.binaries + "/hyperworker", "doctor", "--json"])
            )
            #expect(other.ending == .exited(0), "\(other.story)")
            #expect(try Self.report(other)["store.majority_write"]?.status == "ok")
            #expect(try Self.report(other)["store.mongod"] == nil)

            try sandbox.gate.open()
            for running in [worker, service] {
                running.signal(SIGTERM)
                try await running.waitForExit()
            }
            let started = try await sandbox.client("doctor", "--start", "--json")
            #expect(started.ending == .exited(0), "\(started.story)")
            #expect(try Self.report(started)["store.majority_write"]?.status == "ok")
            let after = try Self.report(try await sandbox.client("doctor", "--json"))
            #expect(after["store.mongod_process"]?.status == "skip", "it is stopped again")
        }
    }
}
