import Foundation
import Testing

@Suite("What happens to results afterwards: export, gc, delete")
struct KeepingTests {
    private static func experiment(_ sandbox: Sandbox) throws -> String {
        try sandbox.file(
            "kept.yaml",
            """
            name: kept
            command: [sh, -c, 'echo "loss={x}"; echo "wrote {x}" >&2; echo "{x}" > "$HYPER_OUTPUT_DIR/model"']
            search_space: {x: [3, 1, 2], model: [{type: svm, C: "uniform(0, 1)"}, {type: "=1+1"}]}
            objective: {metric: loss, goal: minimize}
            sampler: {type: random, seed: 5}
            limits: {max_trials: 3}
            initial: [{x: 3, model: {type: "=1+1"}}, {x: 1, model: {type: "=1+1"}}, {x: 2, model: {type: "=1+1"}}]
            """
        )
    }

    @Test("results are exported, the definition in them is a file again, and gc and delete take away what was asked")
    func lifeAfterTheEnd() async throws {
        try await Sandbox.use { sandbox in
            let server = try await sandbox.service()
            let id = try await sandbox.create(try Self.experiment(sandbox))
            _ = try await sandbox.finish(try sandbox.worker("--exit-when-idle=1"))
            try await server.waitForLine(containing: "is completed")
            try await exports(sandbox, id)
            try await completes(sandbox, id)
            try await cleans(sandbox, id)
            try await deletes(sandbox, id)
        }
    }

    private func exports(_ sandbox: Sandbox, _ id: String) async throws {
        let csv = try await sandbox.client("export", id, "--output", "out.csv")
        #expect(csv.ending == .exited(0) && csv.output.isEmpty, "\(csv.story)")
        let rows = try String(contentsOfFile: sandbox.directory + "/out.csv", encoding: .utf8)
            .split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        #expect(
            rows.map { $0.suffix(3).joined(separator: "|") } == ["x|model.type|model.C"]
                + [3, 1, 2].map { "\($0)|'=1+1|" }
        )
        #expect(rows.dropFirst().map { $0[0] } == ["1", "2", "3"])

        for (arguments, status) in [
            (["--output", "out.csv"], 1), (["--output", "out.csv", "--force"], 0), (["--output", "out.txt"], 64),
            (["--format", "cloudml"], 64), (["--format", "csv", "--observations"], 64), (["--force"], 64),
        ] as [([String], Int32)] {
            let command = [Sandbox.binaries + "/hyperserver", "export", id] + arguments
            let export = try await sandbox.finish(try sandbox.start(command: command))
            #expect(export.ending == .exited(status), "\(arguments): \(export.story)")
            #expect(status == 0 || !export.errors.isEmpty, "\(arguments)")
        }

        let lines = try await sandbox.client("export", id, "--format", "jsonl")
        let trials = try lines.output.split(separator: "\n").map { line in
            try JSONDecoder().decode(TrialRecord.self, from: Data(line.utf8))
        }
        #expect(trials.map(\.value) == [3, 1, 2])

        // Whatever the format, the definition is a file that means the same.
        let json = try await sandbox.client("export", id, "--observations")
        let root = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let head = try #require(root["experiment"] as? [String: Any])
        #expect((root["trials"] as? [Any])?.count == 3 && (root["observations"] as? [Any])?.count == 3)
        #expect(head["state"] as? String == "completed" && head["enqueued"] is [Any])
        // Cut out as text: what reads JSON may forget the order of keys, which is that of the parameters.
        let start = try #require(json.output.firstRange(of: "\"definition\":"))
        let end = try #require(json.output.firstRange(of: "},\"trials\":[{"))
        try sandbox.file("again.json", String(json.output[start.upperBound..<end.lowerBound]))
        let yaml = try await sandbox.client("export", id, "--format", "yaml")
        let block = yaml.output.split(separator: "\n").drop { $0 != "  definition:" }.dropFirst().prefix {
            $0 != "trials:"
        }
        try sandbox.file("again.yaml", block.map { $0.dropFirst(4) + "\n" }.joined())
        var readings: Set<String> = []
        for file in ["again.json", "again.yaml"] {
            let reading = try await sandbox.client("validate", file, "--json")
            #expect(reading.ending == .exited(0), "\(reading.story)")
            readings.insert(reading.output.trimmingCharacters(in: .newlines))
        }
        #expect(readings.count == 1)
    }

    private func completes(_ sandbox: Sandbox, _ id: String) async throws {
        let script = """
            set -e
            source <("$1" completions bash)
            words() {
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
                COMPREPLY=()
                # On a busy machine the store may not answer within a completion's patience, which is no answer then.
                for try in {1..30}; do
                    _hyperserver "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                    [[ -z "${COMPREPLY[*]}" ]] || break
                done
                echo "${COMPREPLY[*]}"
            }
            words "$1" ex; words "$1" status "$2"; words "$1" status k; words "$1" export last --format ""
            """
        let arguments = ["bash", "-c", script, "bash", Sandbox.binaries + "/hyperserver", String(id.prefix(5))]
        let shell = try await sandbox.finish(try sandbox.start(command: ["/usr/bin/env"] + arguments))
        let answers = shell.output.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.trimmingCharacters(in: .whitespaces)
        }
        #expect(answers == ["export", id, "kept", "csv json jsonl yaml", ""], "\(shell.story)")
        let worker = try await sandbox.finish(
            try sandbox.start(command: [Sandbox.binaries + "/hyperworker", "completions", "bash"])
        )
        #expect(worker.ending == .exited(0) && worker.output.contains("--exit-when-idle"), "\(worker.story)")
    }

    private func cleans(_ sandbox: Sandbox, _ id: String) async throws {
        let work = "\(sandbox.directory)/work/\(id)"
        func kept() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: work).sorted() }
        #expect(try kept() == ["1-1", "2-1", "3-1"])
        let nothing = try await sandbox.client("gc", "--dry-run")
        #expect(nothing.output.contains("Nothing is to be removed."), "\(nothing.story)")
        // Nobody to ask.
        let refused = try await sandbox.client("gc", "--max-logs", "0")
        #expect(refused.ending == .exited(64), "\(refused.story)")
        let unclear = try await sandbox.client("gc", "--dry-run", "--max-logs", "some")
        #expect(unclear.ending == .exited(64) && unclear.errors.contains("--max-logs"), "\(unclear.story)")
        let dry = try await sandbox.client("gc", "--dry-run", "--max-logs", "0", "--max-attempts", "0")
        #expect(dry.ending == .exited(0) && dry.output.contains("too much"), "\(dry.story)")
        #expect(try kept().count == 3)

        let gc = try await sandbox.client("gc", "--yes", "--json", "--max-logs", "0", "--max-attempts", "0")
        let root = try #require(try JSONSerialization.jsonObject(with: Data(gc.output.utf8)) as? [String: Any])
        let removals = try #require(root["removals"] as? [[String: Any]])
        #expect(removals.map { $0["what"] as? String } == ["logs", "attempts"], "\(gc.story)")
        #expect(removals.map { $0["count"] as? Int } == [2, 2])
        #expect(removals.map { $0["artifact_bytes"] as? Int } == [0, 4])
        // The best trial keeps everything.
        #expect(try kept() == ["2-1"])
        let best = try await sandbox.client("logs", id, "2")
        #expect(best.output == "loss=1\nwrote 1\n", "\(best.story)")
        let gone = try await sandbox.client("logs", id, "1")
        #expect(gone.output.contains("gc removed this output on 20"), "\(gone.story)")
        let again = try await sandbox.client("gc", "--yes", "--max-logs", "0", "--max-attempts", "0")
        #expect(again.output == "Nothing is to be removed.\n", "\(again.story)")
    }

    private func deletes(_ sandbox: Sandbox, _ id: String) async throws {
        let running = try await sandbox.create(try sandbox.gatedExperiment(trials: 2))
        let worker = try sandbox.worker("--count", "1")
        _ = try await sandbox.gate.next()
        // To another store every directory is of an unknown trial.
        let other = try await sandbox.client(
            "gc",
            "--yes",
            "--attempts-older-than",
            "0s",
            environment: ["HYPER_DATABASE": "other"]
        )
        #expect(other.ending == .exited(1) && other.errors.contains("an attempt runs in it"), "\(other.story)")
        let held = "\(sandbox.directory)/work/\(running)/1-1/params.json"
        #expect(FileManager.default.fileExists(atPath: held), "the trial that runs keeps its directory")
        let refused = try await sandbox.client("delete", id)
        #expect(refused.ending == .exited(64) && refused.errors.contains("--yes"), "\(refused.story)")
        let missing = try await sandbox.client("delete", id, "nothing", "--yes")
        #expect(missing.ending == .exited(1), "\(missing.story)")
        #expect(try await sandbox.experiments().map(\.experiment) == [id, running])

        // The trial waits at the gate for ever: only its being cancelled lets the experiment end and go.
        let both = try await sandbox.client("delete", running, "kept", "--yes", "--json")
        #expect(both.ending == .exited(0), "\(both.story)")
        let root = try #require(try JSONSerialization.jsonObject(with: Data(both.output.utf8)) as? [String: Any])
        let deleted = try #require(root["deleted"] as? [[String: Any]])
        #expect(deleted.map { $0["experiment"] as? String } == [running, id])
        #expect(try await sandbox.experiments().isEmpty)
        let status = try await sandbox.client("status", id)
        #expect(status.ending == .exited(1), "\(status.story)")
        let left = try await sandbox.client("gc", "--dry-run")
        #expect(
            left.output.contains("Kept: 1 directories"),
            "what a trial left on this host is of no trial: \(left.story)"
        )
        #expect(worker.ending == nil, "\(worker.story)")
    }

    @Test("completing experiments without a store says nothing and makes nothing")
    func completionWithoutStore() async throws {
        try await Sandbox.use { sandbox in
            let port = try FreePort.find()
            for words in [
                ["hyperserver", "status", ""],
                ["hyperserver", "status", "--mongo", "mongodb://127.0.0.1:\(port)/", ""],
            ] {
                let index = String(words.count - 1)
                let command = [
                    Sandbox.binaries + "/hyperserver", "---completion", "status", "--", "positional@0", index, "0",
                ]
                let program = try await sandbox.finish(try sandbox.start(command: command + words))
                #expect(program.ending == .exited(0) && program.errors.isEmpty, "\(program.story)")
                #expect(program.output.trimmingCharacters(in: .newlines).isEmpty, "\(program.story)")
                #expect(!FileManager.default.fileExists(atPath: sandbox.dataDirectory), "a store was made")
            }
        }
    }
}
