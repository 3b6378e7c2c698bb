import Execution
import ExperimentModel

/// Whether an engine that answers can also do what container trials ask of it.
enum ContainerTrial {
    /// For its first answer.
    static let answerLimit: Duration = .seconds(4)

    static func judge(_ runtime: TrialRuntime, _ probe: EngineProbe?) -> [Finding] {
        guard let probe else { return [] }
        return [start(runtime, probe), limits(runtime, probe.facts)].compactMap { $0 }
    }

    private static func start(_ runtime: TrialRuntime, _ probe: EngineProbe) -> Finding? {
        let name = "\(runtime.rawValue)_start"
        let rights = probe.facts.isRootless ? "rootless" : "with root's rights"
        switch probe.start {
        case .notTried: return nil
        case .noImage:
            return Finding(.machine, name, .skip, "there is no image to try a container with; \(rights)")
        case .works: return Finding(.machine, name, .ok, "a container was started and removed; \(rights)")
        case .fails(let words):
            return Finding(
                .machine,
                name,
                .warn,
                "no container can be started: \(words)",
                remedy: remedy(runtime)
            )
        }
    }

    private static func remedy(_ runtime: TrialRuntime) -> String {
        switch runtime {
        case .podman, .process:
            "try `podman run --rm IMAGE true`; docs/containers.md has settings of containers.conf (runtime, cgroup_manager) that "
                + "help; until then: hyperworker --runtime process"
        case .docker: "try `docker run --rm IMAGE true`; until then: hyperworker --runtime process"
        }
    }

    private static func limits(_ runtime: TrialRuntime, _ facts: EngineFacts) -> Finding? {
        let lacks = [("memory", facts.limitsMemory), ("cpus", facts.limitsProcessors)].filter { $0.1 == false }.map(\.0)
        guard !lacks.isEmpty else { return nil }
        let detail =
            "environment.\(lacks.joined(separator: " and environment.")) of trials cannot be enforced: the control group "
            + "(cgroup \(facts.cgroupVersion ?? "?")) is not given to this user"
        let remedy =
            facts.isRootless
            ? "have systemd delegate it: Delegate=cpu cpuset memory pids in a drop-in of user@.service, then log in anew"
            : "boot with cgroup_enable=memory, or use a machine whose control groups can be written"
        return Finding(.machine, "\(runtime.rawValue)_limits", .warn, detail, remedy: remedy)
    }

    static func check(_ runtime: TrialRuntime, environment: [String: String], triesToStart: Bool) -> Check {
        .blocking(.machine, "\(runtime.rawValue)_start", limit: EngineProbe.limit) {
            judge(
                runtime,
                EngineProbe(runtime, environment: environment, timeout: answerLimit, triesToStart: triesToStart)
            )
        }
    }
}
