import ExperimentModel
import Foundation
import OrderedCollections
import SearchSpace
import Testing

@testable import Execution

@Suite("Process executor", .timeLimit(.minutes(10)))
struct ProcessTrialExecutorTests {
    @Test(
        "exit 0 with a report is a success, whatever the channel",
        arguments: [
            "echo loss=1; echo loss=0.5", "echo loss=0.5 >&2", "printf 'loss=0.5'", "echo '{\"loss\": 0.5}'",
            "echo '{\"loss\": 1}' >> $HYPER_METRICS_FILE; printf '{\"loss\": 0.5}' >> $HYPER_METRICS_FILE",
            "echo '{\"loss\": 0.5}' > $HYPER_METRICS_FILE; echo loss=99",
        ]
    )
    func success(script: String) async throws {
        let lab = try Lab()
        let result = try await lab.run(script)
        #expect(result.outcome.cause == .succeeded)
        #expect(result.outcome.value == 0.5)
        #expect(result.outcome.exitStatus == 0)
        #expect(result.outcome.errorTail == nil)
        #expect(result.outcome.arguments == ["sh", "-c", script, "sh", "--x=0.5"])
        #expect(lab.sink.observations.last?.value == 0.5)
        #expect(lab.sink.observations.map(\.sequence) == Array(0..<lab.sink.observations.count))
    }

    @Test("a failure keeps its status and the end of standard error")
    func failure() async throws {
        let result = try await Lab().run("echo loss=1; echo 'Traceback: no' >&2; exit 3")
        #expect(result.outcome.cause == .failed)
        #expect(result.outcome.exitStatus == 3)
        #expect(result.outcome.value == nil)
        #expect(result.outcome.message == "exit status 3")
        #expect(result.outcome.errorTail == "Traceback: no")
    }

    @Test("a death by signal is a failure that names the signal")
    func signal() async throws {
        let result = try await Lab().run("kill -SEGV $$")
        #expect(result.outcome.cause == .failed)
        #expect(result.outcome.signal == SIGSEGV)
        #expect(result.outcome.message?.contains("signal 11") == true)
    }

    @Test("exit 0 without the objective names what was reported instead")
    func noMetric() async throws {
        let result = try await Lab().run("echo Loss=1")
        #expect(result.outcome.cause == .noMetric)
        #expect(result.outcome.message?.contains("did you mean \"Loss\"?") == true)
    }

    @Test("a last report of NaN is not a number")
    func notANumber() async throws {
        let result = try await Lab().run("echo loss=1; echo loss=nan")
        #expect(result.outcome.cause == .notANumber)
        #expect(result.outcome.value == nil)
    }

    @Test("named metrics are observed besides the objective")
    func metrics() async throws {
        let lab = try Lab()
        _ = try await lab.run("echo loss=1 acc=2 other=3 step=9", metrics: ["acc"])
        #expect(lab.sink.observations.map(\.metric) == ["loss", "acc"])
        #expect(lab.sink.observations.map(\.step) == [9, 9])
    }

    @Test("named metrics come from the metrics file as well, and only the objective decides the value")
    func metricsFromFile() async throws {
        let lab = try Lab()
        let result = try await lab.run(
            "echo '{\"acc\": 2, \"loss\": 0.5, \"step\": 1}' >> $HYPER_METRICS_FILE; echo '{\"acc\": 3}' >> "
                + "$HYPER_METRICS_FILE; echo other=0.1 acc=9",
            metrics: ["acc"]
        )
        #expect(result.outcome.value == 0.5)
        let observations = lab.sink.observations
        #expect(observations.map(\.metric) == ["acc", "loss", "acc"])
        #expect(observations.map(\.value) == [2, 0.5, 3])
    }

    @Test("the value is the last report or the best, as the file says")
    func valueRule() async throws {
        let script = "echo loss=3; echo loss=1; echo loss=2; echo loss=nan"
        let best = try await Lab().run(script, valueRule: .best)
        #expect(best.outcome.value == 1)
        let last = try await Lab().run(script)
        #expect(last.outcome.cause == .notANumber)
        let nothing = try await Lab().run("echo loss=nan; echo loss=inf", valueRule: .best)
        #expect(nothing.outcome.cause == .notANumber)
    }

    @Test("inputs and both kinds of arguments reach a real process", arguments: [ArgumentStyle.append, .posix, .none])
    func arguments(style: ArgumentStyle) async throws {
        let lab = try Lab()
        let request = try lab.request(
            .shell("printf '<%s>' ${{inputs.data}} \"${{inputs.data}}\"; echo; echo loss=1; printf '(%s)'"),
            assignment: ["x": -0.5, "s": "a 'b\nc"],
            inputs: ["data": "two $(touch pwned) 'words'"],
            style: style
        )
        let result = await lab.executor.run(request, control: lab.control, sink: lab.sink)
        #expect(result.outcome.cause == .succeeded)
        let input = "<two $(touch pwned) 'words'>"
        let arguments =
            switch style {
            case .append: "(--x=-0.5)(--s=a 'b\nc)"
            case .posix: "(--x)(-0.5)(--s)(a 'b\nc)"
            case .none: "()"
            }
        #expect(lab.sink.text() == "\(input)\(input)\nloss=1\n\(arguments)")
        #expect(!FileManager.default.fileExists(atPath: lab.directory.path + "/pwned"))
    }

    @Test("a grace of zero kills at once, for a time-out and for a stop")
    func noGrace() async throws {
        let lab = try Lab()
        let script = "trap 'echo late; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
        let timedOut = try await lab.run(script, timeout: 0.3, grace: 0)
        #expect(timedOut.outcome.cause == .timedOut)
        #expect(timedOut.outcome.signal == SIGKILL)
        let other = try Lab()
        let request = try other.request(.arguments(["sh", "-c", script]), grace: 0)
        async let running = other.executor.run(request, control: other.control, sink: other.sink)
        await other.sink.waitForOutput("ready")
        other.control.stop(.cancelled)
        #expect(await running.outcome.signal == SIGKILL)
        #expect(!other.sink.text().contains("late"))
    }

    @Test("output is logged in chunks of both streams, byte for byte")
    func output() async throws {
        let lab = try Lab()
        _ = try await lab.run("printf 'a\\0b\\377'; echo err >&2; printf 'c\\n'")
        #expect(lab.sink.bytes() == [0x61, 0, 0x62, 0xFF, 0x63, 0x0A])
        #expect(lab.sink.text(.stderr) == "err\n")
    }

    @Test("a time-out ends a trial that ignores SIGTERM, and what it started")
    func timeout() async throws {
        let lab = try Lab()
        let result = try await lab.run(
            "trap '' TERM; sleep 1000 & echo $! > pid; echo loss=1; while :; do sleep 1000; done",
            timeout: 0.5,
            grace: 0.2
        )
        #expect(result.outcome.cause == .timedOut)
        #expect(result.outcome.signal != nil)
        #expect(result.outcome.value == nil)
        if let member = try? pid(lab) { #expect(isGone(member)) }
    }

    @Test("members of the group that ignore SIGTERM do not outlive their leader")
    func members() async throws {
        let lab = try Lab()
        let result = try await lab.run(
            "sh -c 'trap \"\" TERM HUP; echo ready; while :; do sleep 1000; done' > out 2>&1 & echo $! > pid; "
                + "until [ -s out ]; do sleep 0.01; done; echo loss=1"
        )
        #expect(result.outcome.cause == .succeeded)
        #expect(isGone(try pid(lab)))
    }

    @Test("a process of a session of its own that holds the pipe is not waited for")
    func straggler() async throws {
        let lab = try Lab()
        let result = try await lab.run(
            "setsid sh -c 'echo $$ > pid; exec sleep 1000' & until [ -s pid ]; do sleep 0.01; done; echo loss=1"
        )
        let straggler = try pid(lab)
        defer { kill(straggler, SIGKILL) }
        #expect(result.outcome.cause == .succeeded)
        #expect(!isGone(straggler))
    }

    @Test("a stop ends with its reason: SIGTERM first, which a trial may answer")
    func stop() async throws {
        let lab = try Lab()
        let request = try lab.request(
            .arguments([
                "sh", "-c",
                "trap 'echo bye; echo loss=3; exit 0' TERM; echo loss=4; echo ready; while :; do sleep 0.05; done",
            ])
        )
        async let running = lab.executor.run(request, control: lab.control, sink: lab.sink)
        await lab.sink.waitForOutput("ready")
        lab.control.stop(.drained)
        let result = await running
        guard case .stopped(.drained, let outcome) = result else { Issue.record("\(result)"); return }
        #expect(outcome.cause == .drained)
        #expect(outcome.exitStatus == 0)
        #expect(outcome.value == 3)
        #expect(lab.sink.text().contains("bye"))
    }

    @Test("an immediate stop kills at once, also on top of a patient one")
    func stopNow() async throws {
        let lab = try Lab()
        let request = try lab.request(
            .arguments(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1000; done"]),
            grace: AttemptTimes.graceSeconds.upperBound
        )
        async let running = lab.executor.run(request, control: lab.control, sink: lab.sink)
        await lab.sink.waitForOutput("ready")
        lab.control.stop(.cancelled)
        lab.control.stop(.leaseLost, immediately: true)
        let result = await running
        guard case .stopped(.leaseLost, let outcome) = result else { Issue.record("\(result)"); return }
        #expect(outcome.signal == SIGKILL)
    }

    @Test("a stop before and during the start is never missed")
    func stopWhileStarting() async throws {
        for attempt in 1...30 {
            let lab = try Lab()
            // Not plain "sleep 1000": the argument "--x=0.5" appended to it would end it at once with a usage error.
            let request = try lab.request(.arguments(["sh", "-c", "exec sleep 1000"]), attempt: attempt)
            if attempt == 1 { lab.control.stop(.cancelled) }
            async let running = lab.executor.run(request, control: lab.control, sink: lab.sink)
            for _ in 0..<attempt { await Task.yield() }
            lab.control.stop(.cancelled)
            guard case .stopped(.cancelled, _) = await running else { Issue.record("missed at \(attempt)"); return }
        }
    }

    @Test("cancelling the task stops the attempt")
    func cancelledTask() async throws {
        let lab = try Lab()
        let request = try lab.request(
            .arguments(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1000; done"])
        )
        let task = Task { await lab.executor.run(request, control: lab.control, sink: lab.sink) }
        await lab.sink.waitForOutput("ready")
        task.cancel()
        guard case .stopped(.cancelled, _) = await task.value else { Issue.record("not stopped"); return }
    }

    @Test(
        "a command that cannot be started says why",
        arguments: [
            ("no-such-program", "not found; check command: and PATH on the worker testhost"),
            ("./missing", "not found"),
            ("./plain", "not executable on the worker testhost"), ("./folder", "is a directory"),
            ("./binary", "it is no program"),
            ("./orphan", "interpreter"),
        ]
    )
    func cannotStart(program: String, message: String) async throws {
        let lab = try Lab()
        let path = lab.directory.path
        try Data("x".utf8).write(to: URL(fileURLWithPath: path + "/plain"))
        try FileManager.default.createDirectory(atPath: path + "/folder", withIntermediateDirectories: false)
        try Data("text\n".utf8).write(to: URL(fileURLWithPath: path + "/binary"))
        try Data("#!/no/such/interpreter\n".utf8).write(to: URL(fileURLWithPath: path + "/orphan"))
        for name in ["binary", "orphan"] { chmod(path + "/" + name, 0o755) }
        let result = await lab.executor.run(
            try lab.request(.arguments([program])),
            control: lab.control,
            sink: lab.sink
        )
        #expect(result.outcome.cause == .failed)
        #expect(result.outcome.message?.contains(message) == true, "\(result.outcome.message ?? "")")
        #expect(
            result.outcome.message?.contains(program.split(separator: "/").last.map(String.init) ?? program) == true
        )
    }

    @Test("a relative program is looked for in the working directory")
    func relativeProgram() async throws {
        let lab = try Lab()
        try Data("#!/bin/sh\necho loss=2\n".utf8).write(to: URL(fileURLWithPath: lab.directory.path + "/train"))
        chmod(lab.directory.path + "/train", 0o755)
        let result = await lab.executor.run(
            try lab.request(.arguments(["./train"])),
            control: lab.control,
            sink: lab.sink
        )
        #expect(result.outcome.value == 2)
    }

    @Test("a working directory that is not there says so")
    func noDirectory() async throws {
        let lab = try Lab()
        let request = try lab.request(.arguments(["true"]), workingDirectory: "/no/such/place")
        let result = await lab.executor.run(request, control: lab.control, sink: lab.sink)
        #expect(result.outcome.cause == .failed)
        #expect(result.outcome.message?.contains("\"/no/such/place\" does not exist on the worker testhost") == true)
    }

    @Test("arguments beyond the kernel's limit say so, and a long assignment is in its file only")
    func tooLarge() async throws {
        let lab = try Lab()
        let long = String(repeating: "a", count: 200_000)
        let request = try lab.request(.arguments(["true", "{x}"]), assignment: ["x": .string(long)])
        let result = await lab.executor.run(request, control: lab.control, sink: lab.sink)
        #expect(result.outcome.cause == .failed)
        #expect(result.outcome.message?.contains("HYPER_PARAMS_FILE") == true)
        let other = try lab.request(
            .shell("echo loss=$(wc -c < $HYPER_PARAMS_FILE) # {y}\necho \"[${HYPER_PARAMS-unset}]\""),
            assignment: ["x": .string(long), "y": 1],
            attempt: 2
        )
        let outcome = await lab.executor.run(other, control: AttemptControl(), sink: lab.sink).outcome
        #expect(outcome.value == Double("{\"x\":\"\(long)\",\"y\":1}\n".utf8.count))
        #expect(lab.sink.text().contains("[unset]"))
    }

    @Test("the trial sees the promised variables and none that lead to the store")
    func environment() async throws {
        let lab = try Lab(inherited: [
            "PATH": "/usr/bin:/bin", "HYPER_MONGO_URI": "secret", "HYPER_MONGO_URI_FILE": "secret",
            "HYPER_DATA_DIR": "secret",
            "KEPT": "kept", "OVER": "worker", "1BAD": "x",
        ])
        let request = try lab.request(
            .arguments([
                "sh", "-c", "env; ls -d \"$HYPER_OUTPUT_DIR\"; pwd -P; readlink /proc/$$/fd/0; cat $HYPER_PARAMS_FILE",
            ]),
            assignment: ["x": 0.5, "s": "a\"b", "n": 3.0],
            environment: ["OVER": "file", "HYPER_ATTEMPT": "fake", "LINE": "a\nb"]
        )
        _ = await lab.executor.run(request, control: lab.control, sink: lab.sink)
        let lines = lab.sink.text().split(separator: "\n").map(String.init)
        let home = lab.directory.path + "/work/es1a2b3c4/7-1"
        let json = #"{"x":0.5,"s":"a\"b","n":3}"#
        for line in [
            "HYPER_EXPERIMENT_ID=es1a2b3c4", "HYPER_TRIAL_ID=7", "HYPER_ATTEMPT=1", "HYPER_WORKER_ID=host:1:00ff",
            "HYPER_PARAMS=\(json)",
            "HYPER_PARAMS_FILE=\(home)/params.json", "HYPER_METRICS_FILE=\(home)/metrics.jsonl",
            "HYPER_OUTPUT_DIR=\(home)/output",
            "CLOUD_ML_TRIAL_ID=7", "CLOUD_ML_HP_METRIC_FILE=\(home)/hypertune.metrics", "CLOUD_ML_JOB_ID=es1a2b3c4",
            #"TF_CONFIG={"cluster": {}, "task": {"type": "master", "index": 0, "trial": "7"}, "job": {}, "environment": "cloud"}"#,
            "\(home)/output", "KEPT=kept", "OVER=file", "LINE=a", "/dev/null", json,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(!lab.sink.text().contains("secret"))
        #expect(!lab.sink.text().contains("1BAD"))
    }

    @Test("a variable that no process can be given is an error", arguments: ["", "A=B", "1A", "A\0"])
    func badVariable(name: String) async throws {
        let lab = try Lab()
        let request = try lab.request(.arguments(["true"]), environment: [name: "x"])
        let result = await lab.executor.run(request, control: lab.control, sink: lab.sink)
        #expect(result.outcome.cause == .failed)
        #expect(result.outcome.message?.hasPrefix("env:") == true)
    }

    @Test("an experiment id cannot lead out of the work directory", arguments: ["..", "a/b", "", "../../etc"])
    func traversal(id: String) {
        #expect(throws: ExecutionError.self) {
            try AttemptDirectory(root: "/w", trial: TrialID(experiment: ExperimentID(id), number: 1), attempt: 1)
        }
    }

    @Test("the directory stays when the trial left output or failed, and goes otherwise")
    func directories() async throws {
        for (script, stays) in [
            ("echo loss=1", false), ("echo loss=1; touch $HYPER_OUTPUT_DIR/model", true), ("exit 1", true),
        ] {
            let lab = try Lab()
            _ = try await lab.run(script)
            #expect(FileManager.default.fileExists(atPath: lab.directory.path + "/work/es1a2b3c4/7-1/output") == stays)
        }
    }

    @Test(
        "a flood is capped, and its last line is read",
        arguments: ["yes | head -c 1000000000", "head -c 1000000000 /dev/zero | tr '\\0' x"]
    )
    func flood(command: String) async throws {
        let lab = try Lab(outputCapBytes: 4 << 20)
        let result = try await lab.run("\(command); echo; echo loss=0.5")
        #expect(result.outcome.value == 0.5)
        let kept = lab.sink.bytes()
        #expect(kept.count < (4 << 20) + 100)
        #expect(kept.count > 3 << 20)
        #expect(String(decoding: kept.suffix(20), as: UTF8.self).hasSuffix("\nloss=0.5\n"))
        #expect(lab.sink.text().contains(" bytes dropped …]"))
    }

    @Test("500 attempts leave no descriptors, and a trial inherits none")
    func descriptors() async throws {
        let lab = try Lab()
        let attempts = 500
        // Only what attempts open: other tests of the process have sockets and files of their own.
        func count() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { number in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
                guard let target else { return false }
                return target.hasPrefix("pipe:") || target.contains("pidfd") || target.hasPrefix(lab.directory.path)
            }.count
        }
        let before = try count()
        for attempt in 1...attempts {
            let command: Command = attempt % 10 == 0 ? .arguments(["missing"]) : .arguments(["true"])
            let request = try lab.request(command, attempt: attempt)
            _ = await lab.executor.run(request, control: AttemptControl(), sink: lab.sink)
        }
        // Other tests open and close at the same time; a leak would be at least one for each attempt.
        #expect(try count() < before + attempts / 2)
        _ = try await lab.run("ls /proc/$$/fd; echo loss=1")
        #expect(lab.sink.text() == "0\n1\n2\nloss=1\n")
    }

    @Test("many attempts at once each get their own result")
    func parallel() async throws {
        let lab = try Lab()
        let values = try await withThrowingTaskGroup(of: (Int, Double?).self) { group in
            for attempt in 1...40 {
                group.addTask {
                    let request = try lab.request(.arguments(["sh", "-c", "echo loss=\(attempt)"]), attempt: attempt)
                    return (
                        attempt,
                        await lab.executor.run(request, control: AttemptControl(), sink: RecordingSink()).outcome.value
                    )
                }
            }
            return try await group.reduce(into: [Int: Double?]()) { $0[$1.0] = $1.1 }
        }
        for attempt in 1...40 { #expect(values[attempt] == Double(attempt)) }
    }

    private func pid(_ lab: Lab) throws -> Int32 {
        let text = try String(contentsOfFile: lab.directory.path + "/pid", encoding: .utf8)
        return try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
}
