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

    /// A user who may do what the given purposes take, and nothing else.
    private static func user(_ purposes: StoreExpectation.Purpose...) -> Privileges {
        let rules = purposes.flatMap { purpose in
            purpose.actions.map { Privileges.Rule(database: "hyper", collection: $0.key, actions: $0.value) }
        }
        return Privileges(users: ["u@admin"], rules: rules)
    }

    private static let all = StoreExpectation.Purpose.allCases.reduce(into: Set<String>()) { all, purpose in
        for actions in purpose.actions.values { all.formUnion(actions) }
    }

    @Test(
        "rights on the database, on all databases and on everything suffice",
        arguments: [
            Privileges.Rule(database: "hyper", collection: "", actions: all),
            .init(database: "", collection: "", actions: all), .init(isAnyResource: true, actions: all),
        ]
    )
    func sufficient(rule: Privileges.Rule) {
        let privileges = Privileges(users: ["u@admin"], rules: [rule])
        for purpose in StoreExpectation.Purpose.allCases {
            #expect(privileges.missing(for: purpose, database: "hyper").isEmpty)
        }
        let elsewhere = Privileges(
            users: ["u@admin"],
            rules: [.init(database: "other", collection: "", actions: Self.all)]
        )
        #expect(elsewhere.missing(for: .looking, database: "hyper") == ["changeStream on hyper", "find on hyper"])
    }

    @Test("a user is judged by what the program at hand needs of it")
    func authorization() {
        func finding(_ privileges: Privileges, isServer: Bool) -> Finding? {
            AuthorizationJudgement.findings(privileges, database: "hyper", isServer: isServer)
                .first { $0.name == "authorization" }
        }
        let expected: [(Privileges, server: Finding.Level, worker: Finding.Level, detail: String)] = [
            (Self.user(), .fail, .fail, "find on hyper"),
            (Self.user(.looking), .warn, .fail, "insert on hyper.logs"),
            (Self.user(.looking, .working), .warn, .ok, ""), (Self.user(.looking, .serving), .ok, .fail, "hyperworker"),
            (Self.user(.looking, .working, .serving), .ok, .ok, ""),
            (Self.user(.working, .serving), .fail, .fail, "find"),
        ]
        for (privileges, server, worker, detail) in expected {
            let (asServer, asWorker) = (finding(privileges, isServer: true), finding(privileges, isServer: false))
            #expect(asServer?.level == server && asWorker?.level == worker, "\(String(describing: asServer))")
            #expect(detail.isEmpty || asWorker?.detail.contains(detail) == true, "\(String(describing: asWorker))")
        }
        #expect(Self.user(.looking).allow(["find"], on: "jobs", of: "hyper"))
        #expect(!Self.user(.looking).allow(["find", "insert"], on: "jobs", of: "hyper"))
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
        let findings = AuthorizationJudgement.findings(privileges, database: "hyper", isServer: true)
        #expect(findings.map(\.level) == [.ok, .fail])
        let open = AuthorizationJudgement.findings(
            Privileges(users: [], rules: []),
            database: "hyper",
            isServer: true
        )
        #expect(open.map(\.level) == [.warn])
    }
}
