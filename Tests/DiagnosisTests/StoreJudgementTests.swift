import BSON
import EmbeddedMongo
import MongoClient
import MongoTrialStore
import Testing

@testable import Diagnosis

@Suite("Judging a store")
struct StoreJudgementTests {
    @Test(
        "what a failed call means",
        arguments: [
            (MongoError.Kind.authenticationFailed, Finding.Level.fail), (.notAuthorized, .fail), (.unavailable, .fail),
            (.malformedURI, .fail), (.interrupted, .warn), (.commandFailed(code: 1, codeName: ""), .fail),
        ]
    )
    func failures(kind: MongoError.Kind, level: Finding.Level) {
        let finding = StoreJudgement.failure("connection", MongoError(kind, message: "it said so"), database: "hyper")
        #expect(finding.level == level)
        #expect(finding.detail == "it said so")
        #expect(finding.remedy?.isEmpty == false)
    }

    @Test("the median of the pings counts, not the slowest")
    func latency() {
        let fast: [Duration] = [
            .milliseconds(2), .milliseconds(900), .milliseconds(1), .milliseconds(3), .milliseconds(2),
        ]
        #expect(StoreJudgement.judge(latencies: fast).level == .ok)
        #expect(StoreJudgement.judge(latencies: fast).detail == "2.0 ms median of 5 pings")
        #expect(StoreJudgement.judge(latencies: [.milliseconds(101)]).level == .warn)
        #expect(StoreJudgement.judge(latencies: []).level == .skip)
    }

    @Test("versions")
    func versions() {
        #expect(StoreJudgement.judge(version: .init(5, 0, 9)).level == .fail)
        #expect(StoreJudgement.judge(version: .init(6, 0, 0)).level == .ok)
    }

    @Test("the schema: none yet, older, ours, newer")
    func schema() {
        let ours = StoreExpectation.schemaVersion
        #expect(StoreJudgement.judge(schemaVersion: nil).level == .skip)
        #expect(StoreJudgement.judge(schemaVersion: ours - 1).level == .ok)
        #expect(StoreJudgement.judge(schemaVersion: ours).level == .ok)
        #expect(StoreJudgement.judge(schemaVersion: ours + 1).level == .fail)
    }

    @Test("indexes that are missing are named")
    func indexes() {
        var found = Dictionary(
            uniqueKeysWithValues: StoreExpectation.indexNames.map { ($0.collection, Set($0.names + ["_id_"])) }
        )
        #expect(StoreJudgement.judge(indexes: found).level == .ok)
        found["jobs"]?.remove("claim")
        #expect(StoreJudgement.judge(indexes: found).detail == "missing: jobs.claim")
    }

    @Test(
        "clocks that differ by more than a second",
        arguments: [
            (Duration.seconds(1), Finding.Level.ok), (.seconds(-1), .ok), (.milliseconds(1001), .warn),
            (.seconds(-90), .warn),
        ]
    )
    func clocks(skew: Duration, level: Finding.Level) {
        #expect(StoreJudgement.judge(clockSkew: skew).level == level)
    }

    @Test("an oplog that is short because little has happened is no fault")
    func oplog() {
        #expect(StoreJudgement.judge(oplogWindow: nil, uptime: .zero).level == .skip)
        #expect(StoreJudgement.judge(oplogWindow: .seconds(3600), uptime: .seconds(1 << 20)).level == .ok)
        #expect(StoreJudgement.judge(oplogWindow: .seconds(60), uptime: .seconds(100)).level == .ok)
        #expect(StoreJudgement.judge(oplogWindow: .seconds(60), uptime: .seconds(7200)).level == .warn)
    }

    @Test("the hosts of a connection string, and nothing else of it")
    func hosts() {
        #expect(RedactedHosts.text(of: "mongodb://u:p%40w@a:1,b:2/db?x=y@z") == "a:1,b:2")
        #expect(RedactedHosts.text(of: "mongodb+srv://c.example") == "c.example")
        #expect(RedactedHosts.text(of: "nonsense") == "")
    }

    @Test("AVX is there, is not, or the processor does not tell")
    func avx() {
        #expect(MongodCheck.hasAVX(cpuInfo: "model: x\nflags\t\t: fpu avx avx2\n") == true)
        #expect(MongodCheck.hasAVX(cpuInfo: "flags : fpu avx2\n") == false)
        #expect(MongodCheck.hasAVX(cpuInfo: "Features : neon\n") == nil)
        let unusable = EmbeddedMongoError.mongodUnusable(path: "/m", reason: "`--version` was killed by signal 4")
        let finding = MongodCheck.judge(.failure(unusable), isNeeded: true, hasAVX: false)
        #expect(finding.level == .fail)
        #expect(finding.detail.contains("AVX"))
        #expect(MongodCheck.judge(.failure(unusable), isNeeded: false, hasAVX: true).level == .warn)
    }

    @Test("each message of an unusable data directory is split into what happened and what to do")
    func advice() {
        let problems: [DataDirectoryProblem] = [.readOnly, .notADirectory, .noPermission, .diskFull, .writableByOthers]
        for problem in problems {
            let error = EmbeddedMongoError.dataDirectoryUnusable(path: "/d", problem)
            let finding = EmbeddedStoreCheck.judge(.refused(error), path: "/d")
            #expect(finding.level == .fail)
            #expect(finding.remedy?.contains("--data-dir") == true, "\(finding)")
        }
    }

    @Test("a mongod that is down is a fault for a worker only, and a foreign one for both")
    func holders() {
        func level(_ holder: EmbeddedStoreInspection.Holder, _ isAnswering: Bool, _ starts: Bool) -> Finding.Level {
            EmbeddedStoreCheck.judge(holder: holder, isAnswering: isAnswering, starts: starts).level
        }
        #expect(level(.nobody, false, true) == .skip)
        #expect(level(.nobody, false, false) == .warn)
        #expect(level(.running(pid: 1, port: 2), true, true) == .ok)
        #expect(level(.running(pid: 1, port: 2), false, true) == .fail)
        #expect(level(.foreign(pid: nil), false, true) == .fail)
        #expect(level(.ending(pid: 1), false, true) == .warn)
    }

    @Test("who holds the locks is named")
    func locks() {
        let user = EmbeddedStoreInspection.LockHolder(pid: 7, program: "hyperworker")
        let idle = EmbeddedStoreCheck.judge(users: [user], starters: [], path: "/d/start.lock")
        #expect(idle.detail == "in use by hyperworker (pid 7)")
        let busy = EmbeddedStoreCheck.judge(users: [], starters: [user], path: "/d/start.lock")
        #expect(busy.level == .warn)
        #expect(busy.remedy?.contains("fuser -v /d/start.lock") == true)
    }

    // MARK: Privileges

    private static let collections = ["jobs", "logs"]

    private func missing(_ rules: [Privileges.Rule]) -> [String] {
        Privileges(users: ["u@admin"], rules: rules).missing(database: "hyper", collections: Self.collections)
    }

    @Test("rights on the database, on all databases and on everything suffice")
    func sufficient() {
        let all = Privileges.collectionActions.union(Privileges.databaseActions)
        #expect(missing([.init(database: "hyper", collection: "", actions: all)]).isEmpty)
        #expect(missing([.init(database: "", collection: "", actions: all)]).isEmpty)
        #expect(missing([.init(isAnyResource: true, actions: all)]).isEmpty)
    }

    @Test("what is missing is told with its place")
    func insufficient() {
        #expect(missing([]).contains("insert on hyper.jobs, hyper.logs"))
        let reading: Set<String> = ["find", "changeStream"]
        let lacks = missing([.init(database: "hyper", collection: "", actions: reading)])
        #expect(lacks.map { $0.prefix { $0 != " " } } == ["createIndex", "insert", "remove", "update"])
        let other = missing([.init(database: "other", collection: "", actions: Privileges.collectionActions)])
        #expect(other.count == 6)
    }

    @Test("the server's answer is read, and a server without users is told apart")
    func reply() {
        let reply: BSONDocument = [
            "authInfo": [
                "authenticatedUsers": [["user": "u", "db": "admin"]],
                "authenticatedUserPrivileges": [
                    ["resource": ["db": "hyper", "collection": ""], "actions": ["find"]],
                    ["resource": ["cluster": true], "actions": ["serverStatus"]],
                ],
            ]
        ]
        let privileges = Privileges(reply: reply)
        #expect(privileges.users == ["u@admin"])
        #expect(privileges.rules.first == .init(database: "hyper", collection: "", actions: ["find"]))
        let findings = StoreJudgement.judge(privileges, database: "hyper", collections: ["jobs"])
        #expect(findings.map(\.level) == [.ok, .fail])
        let open = StoreJudgement.judge(Privileges(users: [], rules: []), database: "hyper", collections: [])
        #expect(open.map(\.level) == [.warn])
    }
}
