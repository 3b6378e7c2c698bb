import ExperimentModel
import Foundation
import Logging
import OrderedCollections
import SearchSpace
import Synchronization

@testable import Execution

/// A directory of a test's own, removed with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/execution-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Keeps what an attempt produces, and lets a test wait for it.
final class RecordingSink: AttemptSink {
    private struct State {
        var observations: [Observation] = []
        var chunks: [LogChunk] = []
        var waiters: [(text: String, continuation: CheckedContinuation<Void, Never>)] = []
        var reportWaiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var observations: [Observation] { state.withLock { $0.observations } }
    var chunks: [LogChunk] { state.withLock { $0.chunks } }

    func text(_ stream: LogChunk.Stream = .stdout) -> String {
        String(decoding: bytes(stream), as: UTF8.self)
    }

    func bytes(_ stream: LogChunk.Stream = .stdout) -> [UInt8] {
        state.withLock { Self.bytes($0, stream) }
    }

    private static func bytes(_ state: State, _ stream: LogChunk.Stream) -> [UInt8] {
        state.chunks.filter { $0.stream == stream }.sorted { $0.sequence < $1.sequence }.flatMap(\.bytes)
    }

    func observations(_ observations: [Observation]) {
        let ready = state.withLock { state in
            state.observations += observations
            let ready = state.reportWaiters.filter { state.observations.count >= $0.count }
            state.reportWaiters.removeAll { state.observations.count >= $0.count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Returns when so many observations have come.
    func waitForObservations(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.observations.count >= count { return true }
                state.reportWaiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func log(_ chunk: LogChunk) {
        let ready = state.withLock { state in
            state.chunks.append(chunk)
            let text = String(decoding: Self.bytes(state, .stdout), as: UTF8.self)
            let ready = state.waiters.filter { text.contains($0.text) }
            state.waiters.removeAll { text.contains($0.text) }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Returns when standard output holds the text.
    func waitForOutput(_ text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if String(decoding: Self.bytes(state, .stdout), as: UTF8.self).contains(text) { return true }
                state.waiters.append((text, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// An executor in a directory of its own, with a short way to run commands.
struct Lab {
    let directory: TemporaryDirectory
    let executor: ProcessTrialExecutor
    let sink = RecordingSink()
    let control = AttemptControl()

    init(
        inherited: [String: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin"],
        outputCapBytes: Int = CappedLog.defaultCapBytes
    ) throws {
        directory = try TemporaryDirectory()
        executor = try ProcessTrialExecutor(
            settings: .init(workDirectory: directory.path + "/work", host: "testhost", outputCapBytes: outputCapBytes),
            inherited: inherited,
            // Other processes of the machine may run out of memory meanwhile.
            memoryKills: MemoryKillWatch(counters: []),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    static func space(_ names: String...) throws -> SearchSpace {
        try SearchSpace(
            root: .init(
                uniqueKeysWithValues: names.map {
                    ($0, .parameter(Parameter(label: $0, domain: .uniform(low: 0, high: 1))))
                }
            )
        )
    }

    func request(
        _ command: Command,
        assignment: Assignment = ["x": 0.5],
        attempt: Int = 1,
        workingDirectory: String? = nil,
        timeout: Double? = nil,
        grace: Double = ExperimentDefinition.defaultGraceSeconds,
        environment: [String: String] = [:],
        inputs: [String: ParameterValue] = [:],
        style: ArgumentStyle = .append,
        metrics: [String] = [],
        valueRule: Objective.ValueRule = .last
    ) throws -> AttemptRequest {
        let space = try SearchSpace(
            root: .init(
                uniqueKeysWithValues: assignment.keys.map {
                    ($0, .parameter(Parameter(label: $0, domain: .uniform(low: 0, high: 1))))
                }
            )
        )
        let definition = ExperimentDefinition(
            name: "test",
            command: command,
            searchSpace: space,
            objective: Objective(metric: "loss", goal: .minimize, valueRule: valueRule),
            sampler: SamplerSpecification(kind: .random, seed: 1),
            limits: Limits(maxTrials: 1),
            workingDirectory: workingDirectory ?? directory.path,
            environment: environment,
            inputs: inputs,
            argumentStyle: style,
            metrics: metrics,
            graceSeconds: grace
        )
        return AttemptRequest(
            trial: TrialID(experiment: ExperimentID("es1a2b3c4"), number: 7),
            attempt: attempt,
            worker: WorkerID("host:1:00ff"),
            assignment: assignment,
            definition: definition,
            limits: Limits(maxTrials: 1, trialTimeoutSeconds: timeout),
            command: try CommandTemplate(definition)
        )
    }

    /// Runs a text of `sh` whose parameters it may ignore.
    func run(
        _ script: String,
        timeout: Double? = nil,
        grace: Double = ExperimentDefinition.defaultGraceSeconds,
        metrics: [String] = [],
        valueRule: Objective.ValueRule = .last
    ) async throws -> AttemptResult {
        let request = try self.request(
            .arguments(["sh", "-c", script]),
            timeout: timeout,
            grace: grace,
            metrics: metrics,
            valueRule: valueRule
        )
        return await executor.run(request, control: control, sink: sink)
    }
}

/// Whether a process has ended, reaped or not.
func isGone(_ processID: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8) else { return true }
    let state = text[(text.lastIndex(of: ")") ?? text.startIndex)...].dropFirst(2).first
    return state == "Z" || state == "X"
}
