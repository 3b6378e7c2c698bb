import Foundation
import Glibc
import Testing

/// Every command that the documents show is run as it is printed, in the order of the page.
@Suite("The commands in the documents", .timeLimit(.minutes(30)))
struct DocumentedCommandsTests {
    /// Pages whose commands take minutes, or are made by a program that checks itself.
    private static let others: Set<String> = ["benchmarks.md"]
    /// Set by `scripts/full.d/documented-commands`: also runs what takes long or needs the network.
    private static let fullVariable = "HYPER_TEST_ALL_DOCUMENTED"
    private static let isFull = ProcessInfo.processInfo.environment[fullVariable] != nil

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static let pages: [String] = {
        let manager = FileManager.default
        let documents = (try? manager.contentsOfDirectory(atPath: root + "/docs")) ?? []
        let examples = (try? manager.contentsOfDirectory(atPath: root + "/Examples")) ?? []
        return ["README.md"]
            + documents.filter { $0.hasSuffix(".md") && !others.contains($0) }.sorted().map { "docs/\($0)" }
            + examples.sorted().map { "Examples/\($0)/README.md" }
    }()

    @Test("run as they are printed, and print what is shown", arguments: pages)
    func page(name: String) async throws {
        let text = try String(contentsOfFile: "\(Self.root)/\(name)", encoding: .utf8)
        let page = DocumentedPage(name: name, text: text, isFull: Self.isFull)
        for problem in page.problems { Issue.record("\(problem)") }
        guard !page.steps.isEmpty else { return }
        try await Sandbox.use { sandbox in
            let reader = try PageReader(sandbox: sandbox, root: Self.root)
            defer { reader.close() }
            var count = 0
            for step in page.steps {
                switch step {
                case .write(let file, let text, _): try reader.write(file, text)
                case .leave(let commands, let reason, let line):
                    print("\(name):\(line): \(commands) left out: \(reason)")
                case .validate(let text, let line):
                    let problem = try await reader.validate(text)
                    #expect(problem == nil, "\(name):\(line)")
                case .run(let command):
                    count += 1
                    let problem = try await reader.run(command)
                    #expect(problem == nil, "\(name):\(command.line)")
                    // What follows builds on it.
                    if problem != nil { return }
                }
            }
            print("\(name): \(count) commands were run")
        }
    }

    @Test("a page is read as a person reads it")
    func reading() throws {
        let text = """
            <!-- file: a.sh -->
            ```sh
            echo a
            ```
            ```console
            $ hyperserver list \\
                --json
            {}
            …
            $ hyperserver best last
            ```
            <!-- not run: needs two hosts -->
            ```sh
            hyperworker --mongo URI
            # a remark

            hyperserver start
            ```
            <!-- exit 64 -->
            ```sh
            hyperserver run --nonsense
            ```

                hyperserver list
            """
        let page = DocumentedPage(name: "page.md", text: text, isFull: false)
        #expect(page.problems == ["page.md:24: a command outside a fence; write ```sh or ```console"])
        try #require(page.steps.count == 5)
        guard case .write("a.sh", "echo a\n", 3) = page.steps[0], case .run(let list) = page.steps[1],
            case .run(let best) = page.steps[2], case .leave(2, "needs two hosts", 14) = page.steps[3],
            case .run(let wrong) = page.steps[4]
        else {
            Issue.record("\(page.steps)")
            return
        }
        #expect(list.text == "hyperserver list \\\n    --json" && list.output == ["{}", "…"] && list.line == 6)
        #expect(best.output == [] && best.exitStatus == 0)
        #expect(wrong.exitStatus == 64)
    }

    @Test("shown lines are compared by their first words, in order")
    func comparison() {
        let printed = "experiment es1abcdef (a)\n3 trials: 3 new\nbest trial 2: loss=1\n"
        #expect(
            DocumentedOutput.missing(["experiment eswwwwwww (b)", "…", "best trial 9: loss=7"], in: printed) == nil
        )
        #expect(DocumentedOutput.missing(["best trial 1", "experiment es"], in: printed) == "experiment es")
        #expect(DocumentedOutput.missing(["7 trials: 9"], in: printed) == nil)
    }
}

/// Does in a sandbox what a page says.
private struct PageReader {
    let sandbox: Sandbox
    /// For installing packages on a slow network.
    private static let longLimit: Duration = .seconds(1200)
    private let lock: Int32
    /// Named as a clone is: experiments without a name are called after their directory.
    private let clone: String
    private let state: String

    /// Makes a place that looks like a clone of the repository with its programs built and on `PATH`.
    init(sandbox: Sandbox, root: String) throws {
        self.sandbox = sandbox
        (clone, state) = (sandbox.directory + "/hyper", sandbox.directory + "/state")
        let manager = FileManager.default
        for example in try manager.contentsOfDirectory(atPath: root + "/Examples") {
            let place = "\(clone)/Examples/\(example)"
            try manager.createDirectory(atPath: place, withIntermediateDirectories: true)
            for file in try manager.contentsOfDirectory(atPath: "\(root)/Examples/\(example)")
            where !file.hasPrefix(".") {
                try manager.copyItem(atPath: "\(root)/Examples/\(example)/\(file)", toPath: "\(place)/\(file)")
            }
        }
        try manager.createDirectory(atPath: clone + "/.build", withIntermediateDirectories: true)
        try manager.createSymbolicLink(
            atPath: clone + "/.build/release",
            withDestinationPath: Sandbox.binaries
        )
        try manager.createDirectory(atPath: state, withIntermediateDirectories: true)
        // As if somebody else used the store all the time: no command has to start it and stop it again.
        try manager.createDirectory(
            atPath: sandbox.dataDirectory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        lock = open(sandbox.dataDirectory + "/users.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_SH) == 0 else { throw IntegrationFailure("users.lock cannot be held") }
    }

    func close() { Glibc.close(lock) }

    func write(_ name: String, _ text: String) throws {
        let path = try directory() + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Where the next command runs.
    private func directory() throws -> String {
        let path = state + "/directory"
        guard FileManager.default.fileExists(atPath: path) else { return clone }
        return try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)
    }

    /// What is wrong with an experiment file that is shown; `nil` when nothing is.
    func validate(_ text: String) async throws -> String? {
        try sandbox.file("shown.yaml", text)
        let program = try await sandbox.client("validate", "shown.yaml")
        return program.ending == .exited(0) && program.errors.isEmpty ? nil : "\(program.errors)\(program.story)"
    }

    /// What is wrong with what a command did; `nil` when nothing is.
    func run(_ command: DocumentedPage.Command) async throws -> String? {
        let program = try start(command)
        if command.stays {
            // Its first word shows that it is there; the sandbox ends it.
            try await program.waitForLine(containing: command.text.contains("hyperworker") ? "ready" : "leads")
            return nil
        }
        _ = try await sandbox.finish(program, timeout: command.takesLong ? Self.longLimit : TimeLimits.experiment)
        guard program.ending == .exited(command.exitStatus) else { return program.story }
        guard let shown = command.output else { return nil }
        return DocumentedOutput.missing(shown, in: program.output).map { "not printed: \($0)\n\(program.story)" }
    }

    /// Each command has a shell of its own; directory and exported variables go from one to the next.
    private func start(_ command: DocumentedPage.Command) throws -> RunningProgram {
        let script = """
            exec 2>&1
            if [ -e "$1/variables" ]; then . "$1/variables"; else export PATH="$2:$PATH"; fi
            cd "$3" || exit
            eval "$4"
            status=$?
            export -p > "$1/variables.new" && mv "$1/variables.new" "$1/variables"
            pwd > "$1/directory"
            exit $status
            """
        let arguments = [state, Sandbox.binaries, try directory(), command.text]
        return try sandbox.start(command: ["/bin/bash", "-c", script, "bash"] + arguments)
    }
}
