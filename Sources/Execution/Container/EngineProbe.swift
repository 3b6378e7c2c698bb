public import ExperimentModel
import Glibc

/// What an engine of this machine can do, tried out.
public struct EngineProbe: Sendable, Hashable {
    /// Whether a container can be started.
    public enum Start: Sendable, Hashable {
        /// It was not tried.
        case notTried
        /// There is no image to try it with.
        case noImage
        /// One was started, or would have been if its image had a program.
        case works
        /// None was; the engine's words.
        case fails(String)
    }

    /// For everything that is tried.
    public static let limit: Duration = .seconds(30)
    /// For one call.
    static let callTimeout: Duration = .seconds(12)

    /// What the engine says of itself.
    public var facts: EngineFacts
    /// Whether it starts containers.
    public var start: Start

    /// A result.
    public init(facts: EngineFacts, start: Start) {
        self.facts = facts
        self.start = start
    }

    /// Asks an engine; `nil` when it is not there or does not answer. Blocks.
    /// - Parameter triesToStart: start an empty container of the first image that is there, without network, and remove it.
    public init?(_ runtime: TrialRuntime, environment: [String: String], timeout: Duration, triesToStart: Bool) {
        // That it does not answer is told by whoever asks for its version.
        guard let engine = try? ContainerEngine(runtime, inherited: environment, timeout: timeout) else { return nil }
        facts = engine.facts
        start = triesToStart ? Self.start(engine) : .notTried
    }

    private static func start(_ engine: ContainerEngine) -> Start {
        let name = "hyper-doctor-\(getpid())-\(BootInstant.now.milliseconds)"
        do throws(EngineError) {
            let images = try engine.call(["images", "--quiet", "--no-trunc"], "images", callTimeout)
            guard let image = images.output.split(whereSeparator: \.isWhitespace).first else { return .noImage }
            let words = ["create", "--name", name, "--pull", "never", "--network", "none", "--entrypoint", "/bin/true"]
            let created = try engine.call(words + [String(image)], "create", callTimeout)
            guard created.isSuccess else { return .fails(EngineError.words(created.errors)) }
            let started = try engine.call(["start", "--attach", name], "start", callTimeout)
            // Best effort, and only this one.
            _ = try? engine.remove(name)
            let said = started.errors.lowercased()
            // An image without that program has shown all that was asked.
            let isMissing = said.contains("not found") || said.contains("no such file")
            return started.isSuccess || (isMissing && said.contains("/bin/true"))
                ? .works : .fails(EngineError.words(started.errors))
        } catch {
            _ = try? engine.remove(name)
            return .fails("\(error)")
        }
    }
}

extension EngineFacts {
    /// Facts that are known; for judging them.
    public init(
        version: String,
        isRootless: Bool,
        limitsMemory: Bool? = nil,
        limitsProcessors: Bool? = nil,
        cgroupVersion: String? = nil
    ) {
        self.version = version
        self.isRootless = isRootless
        self.limitsMemory = limitsMemory
        self.limitsProcessors = limitsProcessors
        self.cgroupVersion = cgroupVersion
    }
}
