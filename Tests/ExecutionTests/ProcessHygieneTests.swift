import ExperimentModel
import Foundation
import Testing

@testable import Execution

/// Each in a process of its own, so that its descriptors, children and signals are those of the test alone.
@Suite("What trials inherit and attempts leave behind", .timeLimit(.minutes(3)))
struct ProcessHygieneTests {
    @Test("hundreds of quick attempts with stops at any moment each get one result and leave nothing")
    func stress() async {
        await #expect(processExitsWith: .success) {
            let lab = try Lab()
            try await Stress(lab, seed: 1).run(32)
            let before = Leftovers.now()
            let seen = try await Stress(lab, seed: 2).run(320)
            let after = Leftovers.now()
            #expect(after == before)
            #expect(after.children == 0)
            // Neither all stopped nor none.
            #expect(seen.finished > 30 && seen.stopped > 30)
        }
    }

    @Test("a trial's signals are as in a shell, and its status is known, whatever the worker was started with")
    func signals() async {
        await #expect(processExitsWith: .success) {
            for number in [SIGCHLD, SIGPIPE, SIGINT, SIGHUP] { signal(number, SIG_IGN) }
            var blocked = sigset_t()
            sigfillset(&blocked)
            // Threads begin with the mask of the one that makes them.
            pthread_sigmask(SIG_BLOCK, &blocked, nil)
            let lab = try Lab()
            pthread_sigmask(SIG_UNBLOCK, &blocked, nil)
            let result = try await lab.run(
                "grep -E '^Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f6 /proc/$$/stat; echo $$; exit 3"
            )
            #expect(result.outcome.exitStatus == 3)
            let words = lab.sink.text().split(whereSeparator: \.isWhitespace).map(String.init)
            let none = "0000000000000000"
            #expect(words.prefix(4) == ["SigBlk:", none, "SigIgn:", none])
            #expect(words.dropFirst(4).first == words.last, "the leader of a session")
        }
    }

    @Test("a worker without standard streams gives its trials theirs")
    func noStandardStreams() async {
        await #expect(processExitsWith: .success) {
            for descriptor in 0...2 { close(Int32(descriptor)) }
            let lab = try Lab()
            let result = try await lab.run("echo loss=1; echo err >&2; readlink /proc/$$/fd/0; ls /proc/$$/fd")
            #expect(result.outcome.cause == .succeeded)
            #expect(lab.sink.text() == "loss=1\n/dev/null\n0\n1\n2\n")
            #expect(lab.sink.text(.stderr) == "err\n")
        }
    }

    @Test(
        "foreign descriptors are not inherited, also where the C library cannot close them all",
        arguments: [true, false]
    )
    func foreignDescriptors(hasCloseFrom: Bool) async {
        await #expect(processExitsWith: .success) { [hasCloseFrom] in
            // Not close-on-exec.
            let foreign = [open("/dev/null", O_RDONLY), open("/dev/zero", O_RDONLY)]
            #expect(foreign.allSatisfy { $0 > 2 })
            let output = try OutputPipe()
            let process = try ProcessSpawner.spawn(
                ProcessSpawner.Launch(
                    program: "/bin/sh",
                    arguments: ["sh", "-c", "ls /proc/$$/fd"],
                    environment: ["PATH": "/usr/bin:/bin"],
                    workingDirectory: "/",
                    standardOutput: output.write,
                    standardError: output.write
                ),
                addCloseFrom: hasCloseFrom ? ProcessSpawner.addCloseFrom : nil
            )
            output.closeWritingEnd()
            #expect(process.reap() == .exited(0))
            #expect(text(output) == "0\n1\n2\n")
        }
    }

    @Test("whatever the limit of open files, an attempt ends with a result that says so and leaves nothing")
    func fewDescriptors() async {
        await #expect(processExitsWith: .success) {
            let lab = try Lab()
            _ = try await lab.run("echo loss=1")
            let before = Leftovers.now()
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let usual = limit.rlim_cur
            // The number that the next descriptor would get.
            let next = dup(2)
            close(next)
            var causes: [TrialCause] = []
            for room in 0..<14 {
                limit.rlim_cur = rlim_t(next) + rlim_t(room)
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                // Each time another attempt: without a descriptor the directory of one that was refused may stay.
                let request = try lab.request(.arguments(["sh", "-c", "echo loss=1"]), attempt: room + 2)
                let result = await lab.executor.run(request, control: lab.control, sink: lab.sink)
                let outcome = result.outcome
                limit.rlim_cur = usual
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                causes.append(outcome.cause)
                if outcome.cause != .succeeded {
                    // Another worker may well run it.
                    #expect(result == .refused(outcome) && outcome.cause == .drained)
                    #expect(outcome.message?.contains(String(cString: strerror(EMFILE))) == true, "\(outcome)")
                }
                let after = Leftovers.now()
                #expect(after == before, "with room for \(room)")
            }
            #expect(causes.first == .drained && causes.last == .succeeded)
        }
    }

    @Test("orphans of a trial that become children of the worker are reaped")
    func orphans() async throws {
        await #expect(processExitsWith: .success) {
            typealias Control = @convention(c) (Int32, Int, Int, Int, Int) -> Int32
            let control = try #require(dlsym(nil, "prctl").map { unsafeBitCast($0, to: Control.self) })
            let becomeSubreaper: Int32 = 36
            // As the first process of a container is.
            #expect(control(becomeSubreaper, 1, 0, 0, 0) == 0)
            let lab = try Lab()
            let result = try await lab.run("sleep 1000 & sleep 1000 & echo loss=1")
            #expect(result.outcome.cause == .succeeded)
            #expect(Leftovers.now().children == 0)
        }
    }

    @Test("a child whose status somebody else took has an unknown end, not a success")
    func stolenStatus() async {
        await #expect(processExitsWith: .success) {
            let output = try OutputPipe()
            let process = try ProcessSpawner.spawn(
                ProcessSpawner.Launch(
                    program: "/bin/false",
                    arguments: ["false"],
                    environment: [:],
                    workingDirectory: "/",
                    standardOutput: output.write,
                    standardError: output.write
                )
            )
            #expect(waitpid(process.processID, nil, 0) == process.processID)
            #expect(process.reap() == .unknown)
        }
    }

    @Test("a working directory that vanishes at the last moment is named")
    func vanishingDirectory() async throws {
        let lab = try Lab()
        // Where the attempt's own directory will be: making it removes what another store left there.
        let place = lab.directory.path + "/work/es1a2b3c4/7-1/place"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let request = try lab.request(.arguments(["true"]), workingDirectory: place)
        let result = await lab.executor.run(request, control: lab.control, sink: lab.sink)
        #expect(result.outcome.message?.contains("\"\(place)\" does not exist on the worker testhost") == true)
    }

    @Test("what the kernel refuses is told with its remedy", arguments: [(EAGAIN, "ulimit -u"), (ENOSYS, "glibc")])
    func refusals(code: Int32, remedy: String) {
        #expect(ProcessTrialExecutor.reason(.init(code: code)).contains(remedy))
    }
}

/// What stands in a pipe whose writers have ended.
private func text(_ pipe: OutputPipe) -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(pipe.read, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

/// Descriptors and children of this process.
private struct Leftovers: Equatable {
    var descriptors: [String: Int] = [:]
    var children = 0

    static func now() -> Leftovers {
        var result = Leftovers()
        // The thread sanitizer starts a child with two pipes of its own, to name functions, when it first needs names.
        if ProcessInfo.processInfo.environment["TSAN_OPTIONS"] != nil { return result }
        for number in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            let path = "/proc/self/fd/\(number)"
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { continue }
            // Timers and events are the language runtime's.
            if target.hasPrefix("anon_inode:"), !target.contains("pidfd") { continue }
            // A thread that begins may be looking at these at any moment: the C library asks how many processors there are.
            if target.hasPrefix("/sys/") || target.hasPrefix("/proc/") { continue }
            result.descriptors[target.hasPrefix("pipe:") ? "pipe" : target, default: 0] += 1
        }
        var information = siginfo_t()
        if waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) == 0 { result.children = 1 }
        return result
    }
}
