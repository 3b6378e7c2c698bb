import Foundation
import Glibc
import Testing

/// What the programs say when something is wrong: every message tells what happened, why, and what to do.
@Suite("error messages are as they were meant")
struct ErrorMessageTests {
    /// A file without a mistake, to be spoilt.
    private static let sound = """
        name: digits
        command: [sh, train.sh, '{x}']
        search_space: {x: "uniform(0, 1)"}
        objective: {metric: loss, goal: minimize}
        limits: {max_trials: 3}
        """

    private static func spoilt(_ old: String, _ new: String) -> String {
        sound.replacing(old, with: new)
    }

    private static let files: [ErrorCase] = [
        .file("yaml-syntax", spoilt("{metric: loss, goal: minimize}", "{metric: loss, goal: minimize")),
        .file("not-a-mapping", "- a list\n"),
        .file("empty", ""),
        .file("unknown-key", spoilt("limits:", "limitz:") + "\nlimits: {max_trials: 3}"),
        .file("wrong-type", spoilt("max_trials: 3", "max_trials: many")),
        .file("unknown-goal", spoilt("goal: minimize", "goal: sideways")),
        .file("empty-range", spoilt("\"uniform(0, 1)\"", "{type: float, min: 5, max: -5}")),
        .file("unknown-type", spoilt("\"uniform(0, 1)\"", "{type: flaot, min: 0, max: 1}")),
        .file("unknown-function", spoilt("uniform(0, 1)", "unifrom(0, 1)")),
        .file(
            "duplicate-label",
            spoilt("\"uniform(0, 1)\"", "\"hp.uniform('a', 0, 1)\", y: \"hp.uniform('a', 0, 1)\"")
        ),
        .file("unknown-placeholder", spoilt("{x}", "${{search_space.y}}")),
        .file("misspelt-placeholder", spoilt("'{x}'", "'{y}'")),
        .file("misplaced-key", spoilt("limits: {max_trials: 3}", "max_trials: 3")),
        .file("reserved-metric", spoilt("metric: loss", "metric: step")),
        .file("no-objective", spoilt("objective: {metric: loss, goal: minimize}\n", "")),
        .file("no-limit", spoilt("limits: {max_trials: 3}", "limits: {}")),
        .file("later-sampler", sound + "\nsampler: cmaes"),
        .file("unknown-sampler", sound + "\nsampler: tpee"),
        .file("infinite-grid", sound + "\nsampler: grid"),
        .file("loguniform-warning", spoilt("uniform(0, 1)", "loguniform(0.001, 0.1)")),
        .file("initial-out-of-range", sound + "\ninitial: [{x: 7}]"),
    ]

    @Test("of an experiment file")
    func badFiles() async throws {
        try await Sandbox.use { sandbox in
            for error in Self.files { try await sandbox.check(error) }
        }
    }

    private static let usage: [ErrorCase] = [
        ErrorCase("missing-file", "hyperserver", "create", "no-such.yaml"),
        ErrorCase("directory-as-file", "hyperserver", "create", "/"),
        ErrorCase("unknown-command", "hyperserver", "stauts", "last"),
        ErrorCase("unknown-option", "hyperserver", "create", "--naem", "x", "a.yaml"),
        ErrorCase("missing-operand", "hyperserver", "pause"),
        ErrorCase("nothing-to-run", "hyperserver", "run"),
        ErrorCase("run-file-with-option", "hyperserver", "run", "digits.yaml", "--max-trials", "5"),
        ErrorCase("run-without-command", "hyperserver", "run", "--space", "x=[1]", "--metric", "loss"),
        ErrorCase("bad-number", "hyperserver", "retry", "last", "three"),
        ErrorCase("workers-out-of-range", "hyperserver", "run", "--workers", "0", "a.yaml"),
        ErrorCase("resume-with-file", "hyperserver", "run", "--resume", "last", "a.yaml"),
        ErrorCase("advertise-alone", "hyperserver", "start", "--advertise", "head"),
        ErrorCase("set-unknown-limit", "hyperserver", "set", "last", "max_trial=5"),
        ErrorCase("set-bad-value", "hyperserver", "set", "last", "max_trials=many"),
        ErrorCase("set-no-value", "hyperserver", "set", "last", "max_trials"),
        ErrorCase("enqueue-no-value", "hyperserver", "enqueue", "last", "x"),
        ErrorCase("import-no-command", "hyperserver", "import", "space.py", "--metric", "loss"),
        ErrorCase("worker-count", "hyperworker", "--count", "0"),
        ErrorCase("worker-count-word", "hyperworker", "--count", "two"),
        ErrorCase("worker-timeout", "hyperworker", "--connect-timeout=-1"),
        ErrorCase("log-level", "hyperserver", "list", "--log-level", "loud"),
        ErrorCase("log-level-variable", "hyperserver", "list", environment: ["HYPER_LOG_LEVEL": "loud"]),
        ErrorCase("lease-variable", "hyperserver", "list", environment: ["HYPER_LEASE_SECONDS": "0.01"]),
        ErrorCase("worker-lease-variable", "hyperworker", environment: ["HYPER_LEASE_SECONDS": "soon"]),
    ]

    @Test("of the command line")
    func badUsage() async throws {
        try await Sandbox.use { sandbox in
            for error in Self.usage { try await sandbox.check(error) }
            #expect(!FileManager.default.fileExists(atPath: sandbox.dataDirectory), "a store was made")
        }
    }

    private static let stores: [ErrorCase] = [
        ErrorCase("store-unreachable", "hyperserver", "list", "--mongo", "mongodb://127.0.0.1:{port}/"),
        ErrorCase(
            "worker-store-unreachable",
            "hyperworker",
            "--connect-timeout",
            "0.1",
            "--log-level",
            "error",
            "--mongo",
            "mongodb://127.0.0.1:{port}/"
        ),
        ErrorCase(
            "worker-no-store",
            "hyperworker",
            "--connect-timeout",
            "0",
            "--log-level",
            "error",
            "--data-dir",
            "empty"
        ),
        ErrorCase("uri-malformed", "hyperserver", "list", "--mongo", "mongodb://[bad"),
        ErrorCase("uri-scheme", "hyperserver", "list", "--mongo", "http://localhost"),
        ErrorCase("two-stores", "hyperserver", "list", "--mongo", "mongodb://a/", "--mongo-uri-file", "uri"),
        ErrorCase("uri-file-missing", "hyperserver", "list", "--mongo-uri-file", "no-such-uri"),
        ErrorCase("uri-file-wide", "hyperserver", "list", "--mongo-uri-file", "wide-uri"),
        ErrorCase("uri-file-empty", "hyperserver", "list", "--mongo-uri-file", "empty-uri"),
        ErrorCase("database-name", "hyperserver", "list", "--database", "a.b"),
        ErrorCase("mongod-missing", "hyperserver", "list", "--mongod", "no-mongod"),
        ErrorCase("mongod-old", "hyperserver", "list", "--mongod", "old-mongod"),
        ErrorCase("mongod-strange", "hyperserver", "list", "--mongod", "strange-mongod"),
        ErrorCase("mongod-not-executable", "hyperserver", "list", "--mongod", "plain-uri"),
        ErrorCase("data-dir-wide", "hyperserver", "list", "--data-dir", "wide"),
        ErrorCase("data-dir-is-file", "hyperserver", "list", "--data-dir", "wide-uri"),
        ErrorCase("data-dir-read-only", "hyperserver", "list", "--data-dir", "/proc/hyper"),
        ErrorCase("endpoint-wide", "hyperserver", "list", "--data-dir", "wide-endpoint"),
        ErrorCase("endpoint-damaged", "hyperserver", "list", "--data-dir", "damaged-endpoint"),
        ErrorCase("store-listen-name", "hyperserver", "start", "--store-listen", "no such host"),
        ErrorCase("worker-workdir", "hyperworker", "--connect-timeout", "0", "--workdir", "/dev/null/work"),
    ]

    @Test("of a store that cannot be used")
    func unusableStores() async throws {
        try await Sandbox.use { sandbox in
            let places = """
                umask 077; mkdir wide wide-endpoint damaged-endpoint; chmod 777 wide
                echo '{}' > wide-endpoint/endpoint.json; chmod 644 wide-endpoint/endpoint.json
                echo '{}' > damaged-endpoint/endpoint.json
                echo mongodb://localhost/ > plain-uri; cp plain-uri wide-uri; chmod 644 wide-uri; echo > empty-uri
                """
            let made = try await sandbox.finish(try sandbox.start(command: ["/bin/sh", "-c", places]))
            #expect(made.ending == .exited(0), "\(made.story)")
            _ = try await sandbox.executable("old-mongod", "echo 'db version v5.0.1'")
            _ = try await sandbox.executable("strange-mongod", "printf 'hello\\033[31m'")
            let values = ["port": "\(try FreePort.find())"]
            for error in Self.stores { try await sandbox.check(error, values: values) }
        }
    }

    private static let experiments: [ErrorCase] = [
        ErrorCase("unknown-experiment", "hyperserver", "status", "no-such"),
        ErrorCase("unknown-experiment-steered", "hyperserver", "pause", "es0000000"),
        ErrorCase("unknown-trial", "hyperserver", "logs", "done", "99"),
        ErrorCase("retry-unknown-trial", "hyperserver", "retry", "done", "99"),
        ErrorCase("retry-done-trial", "hyperserver", "retry", "done", "1"),
        ErrorCase("no-best", "hyperserver", "best", "waiting"),
        ErrorCase("pause-finished", "hyperserver", "pause", "done"),
        ErrorCase("resume-finished", "hyperserver", "resume", "done"),
        ErrorCase("set-below-zero", "hyperserver", "set", "done", "max_trials=-5"),
        ErrorCase("enqueue-unknown", "hyperserver", "enqueue", "done", "y=1"),
        ErrorCase("enqueue-out-of-range", "hyperserver", "enqueue", "done", "x=7"),
        ErrorCase("enqueue-word", "hyperserver", "enqueue", "done", "x=red"),
        ErrorCase(
            "wrong-password",
            "hyperserver",
            "list",
            "--mongo",
            "mongodb://hyper:wrong@127.0.0.1:{port}/?authSource=admin"
        ),
        ErrorCase("no-password", "hyperserver", "list", "--mongo", "mongodb://127.0.0.1:{port}/"),
        ErrorCase("other-set", "hyperserver", "list", "--mongo", "mongodb://127.0.0.1:{port}/?replicaSet=other"),
        ErrorCase("store-in-use", "hyperserver", "start", "--store-listen", "127.0.0.2"),
    ]

    @Test("of commands about an experiment")
    func experiments() async throws {
        try await Sandbox.use { sandbox in
            let service = try await sandbox.service()
            try sandbox.file("waiting.yaml", Self.spoilt("digits", "waiting"))
            _ = try await sandbox.create("waiting.yaml")
            let text = Self.spoilt("digits", "done").replacing("[sh, train.sh, '{x}']", with: "echo loss={x}")
            try sandbox.file("done.yaml", text)
            let run = try await sandbox.client("run", "--workers", "1", "done.yaml")
            #expect(run.ending == .exited(0), "\(run.story)")
            let values = ["port": "\(try sandbox.endpoint().port)"]
            for error in Self.experiments { try await sandbox.check(error, values: values) }
            service.signal(SIGTERM)
            try await service.waitForExit()
        }
    }

    /// What a trial does wrong, and the text that the experiment and its first trial keep of it.
    private static let failures: [(name: String, file: String)] = [
        ("command-missing", spoilt("[sh, train.sh, '{x}']", "[no-such-program, '{x}']")),
        ("command-not-executable", spoilt("[sh, train.sh, '{x}']", "[./train.sh, '{x}']")),
        ("directory-missing", sound + "\nworking_directory: no/such/directory"),
        ("all-fail", spoilt("[sh, train.sh, '{x}']", "echo cannot open data.csv >&2; exit 3")),
        ("no-metric", spoilt("[sh, train.sh, '{x}']", "echo training is over")),
        ("metric-misnamed", spoilt("[sh, train.sh, '{x}']", "true {x}; echo Loss=1")),
        ("not-a-number", spoilt("[sh, train.sh, '{x}']", "echo loss=nan")),
    ]

    @Test("of trials that fail")
    func failingTrials() async throws {
        try await Sandbox.use { sandbox in
            let service = try await sandbox.service()
            try sandbox.file("train.sh", "echo loss=1")
            for failure in Self.failures {
                try sandbox.file("failing.yaml", failure.file)
                let run = try await sandbox.client("run", "--workers", "1", "failing.yaml")
                let experiment = try await sandbox.status()
                let trial = try await sandbox.trials().first
                let ending = run.ending.map { "\($0)" } ?? "still running"
                let text = """
                    \(experiment.message ?? "the experiment says nothing")
                    trial 1: \(trial?.cause ?? "?"): \(trial?.attempts.last?.message ?? "the trial says nothing")
                    [\(ending)]

                    """
                try Snapshot.expect(sandbox.steady(text), in: "errors", "trial-\(failure.name)")
            }
            service.signal(SIGTERM)
            try await service.waitForExit()
        }
    }

    @Test("no kept message belongs to nothing")
    func leftovers() throws {
        let cases = Self.files + Self.usage + Self.stores + Self.experiments
        let names = Set(cases.map(\.name)).union(Self.failures.map { "trial-\($0.name)" })
        try Snapshot.expectNoOthers(in: "errors", than: names)
    }
}
