public import ExperimentModel
import Foundation
import Glibc

/// Docker or Podman, by its command line, which works with and without root's rights, by socket and on other machines alike.
///
/// Every call blocks, has a time-out, and reads no more than fits.
public struct ContainerEngine: Sendable {
    /// For a question, and for a signal.
    static let answerTimeout: Duration = .seconds(20)
    /// For the first question of all, which tells whether the engine can be used.
    public static let probeTimeout: Duration = .seconds(10)
    /// To make a container from an image that is there.
    static let createTimeout: Duration = .seconds(120)
    /// To remove one, with what it wrote.
    static let removeTimeout: Duration = .seconds(60)
    /// To get an image from a registry.
    static let pullTimeout: Duration = .seconds(3600)
    /// To build one.
    static let buildTimeout: Duration = .seconds(3600)

    /// Which of the two.
    public let runtime: TrialRuntime
    /// Path of its program.
    public let program: String
    /// Environment of its program: the worker's, without what leads to the store.
    let environment: [String: String]
    /// What it says of itself.
    public let facts: EngineFacts

    /// Finds the program and asks it whether it can be used. Blocks for ``probeTimeout`` at most.
    ///
    /// - Throws: ``EngineError`` with the engine's own words.
    public init(
        _ runtime: TrialRuntime,
        inherited: [String: String],
        timeout: Duration = Self.probeTimeout
    ) throws(EngineError) {
        let program: String
        do throws(LookupFailure) {
            program = try ExecutableLookup.find(runtime.rawValue, path: inherited["PATH"], in: "/")
        } catch {
            throw .notInstalled(runtime)
        }
        var environment = TrialEnvironment.withoutSecrets(inherited)
        // What tells a trial's processes from others is not true of an engine's.
        for name in environment.keys where name.hasPrefix("HYPER_") { environment[name] = nil }
        let arguments = runtime == .docker ? ["info", "--format", "{{json .}}"] : ["info", "--format", "json"]
        let answer: EngineCall.Answer
        do throws(EngineCall.Failure) {
            answer = try EngineCall(
                program: program,
                arguments: arguments,
                environment: environment,
                timeout: timeout
            ).run()
        } catch {
            throw Self.trouble(error, runtime, program, "info", timeout)
        }
        guard answer.isSuccess, let facts = EngineFacts(runtime, answer.output) else {
            let said = answer.errors.contains { !$0.isWhitespace } ? answer.errors : answer.output
            throw .unusable(runtime, program: program, reason: EngineError.words(said))
        }
        self.init(runtime, program: program, environment: environment, facts: facts)
    }

    /// An engine that is known.
    init(_ runtime: TrialRuntime, program: String, environment: [String: String], facts: EngineFacts) {
        self.runtime = runtime
        self.program = program
        self.environment = environment
        self.facts = facts
    }

    // MARK: - Containers

    /// What there is under a name; `nil`: nothing.
    func inspect(_ names: [String]) throws(EngineError) -> [ContainerState] {
        guard !names.isEmpty else { return [] }
        let answer = try call(["container", "inspect"] + names, "container inspect", Self.answerTimeout)
        // Of several, those that are there are told of also when one is not.
        if let states = ContainerState.read(answer.output), answer.isSuccess || !states.isEmpty { return states }
        if Self.isAbsence(answer.errors) { return [] }
        throw .unusable(runtime, program: program, reason: EngineError.words(answer.errors))
    }

    /// Sends a signal, such as `TERM`. - Returns: whether the engine did so.
    func kill(_ name: String, signal: String) throws(EngineError) -> Bool {
        try call(["kill", "--signal", signal, name], "kill", Self.answerTimeout).isSuccess
    }

    /// Removes a container, running or not, with its nameless volumes. - Returns: whether it is gone.
    func remove(_ name: String) throws(EngineError) -> Bool {
        let answer = try call(Self.removal(of: name, runtime), "rm", Self.removeTimeout)
        return answer.isSuccess || Self.isAbsence(answer.errors)
    }

    /// Names of all containers, running or not, with a label.
    func list(label: String, _ value: String) throws(EngineError) -> [String] {
        let filter = ["ps", "--all", "--quiet", "--no-trunc", "--filter", "label=\(label)=\(value)"]
        let answer = try call(filter, "ps", Self.answerTimeout)
        guard answer.isSuccess else {
            throw .unusable(runtime, program: program, reason: EngineError.words(answer.errors))
        }
        return answer.output.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Arguments that remove a container at once.
    static func removal(of name: String, _ runtime: TrialRuntime) -> [String] {
        // Podman would wait for the container to obey SIGTERM first.
        ["rm", "--force", "--volumes"] + (runtime == .podman ? ["--time", "0"] : []) + [name]
    }

    // MARK: - Calls

    /// - Parameter variables: on top of the engine's own.
    func call(
        _ arguments: [String],
        _ what: String,
        _ timeout: Duration,
        variables: [String: String] = [:],
        isCancelled: (@Sendable () -> Bool)? = nil
    ) throws(EngineError) -> EngineCall.Answer {
        do throws(EngineCall.Failure) {
            return try EngineCall(
                program: program,
                arguments: arguments,
                environment: environment.merging(variables) { $1 },
                timeout: timeout,
                isCancelled: isCancelled
            ).run()
        } catch {
            throw Self.trouble(error, runtime, program, what, timeout)
        }
    }

    /// Whether the engine answers now: when a call has failed, this tells whose fault it was.
    func checkAnswers() throws(EngineError) {
        let arguments =
            runtime == .docker
            ? ["version", "--format", "{{.Server.Version}}"] : ["info", "--format", "{{.Version.Version}}"]
        let answer = try call(arguments, arguments[0], Self.probeTimeout)
        guard answer.isSuccess else {
            throw .unusable(runtime, program: program, reason: EngineError.words(answer.errors))
        }
    }

    private static func trouble(
        _ failure: EngineCall.Failure,
        _ runtime: TrialRuntime,
        _ program: String,
        _ what: String,
        _ timeout: Duration
    ) -> EngineError {
        switch failure {
        case .cannotStart(let reason): .unusable(runtime, program: program, reason: reason)
        case .late, .cancelled: .late(runtime, call: what, limit: timeout)
        }
    }

    /// Whether a complaint says that there is no such container or image.
    static func isAbsence(_ text: String) -> Bool {
        let text = text.lowercased()
        return ["no such container", "no such object", "no such image", "image not known", "no container with name"]
            .contains { text.contains($0) }
    }
}
