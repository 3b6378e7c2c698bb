import Glibc

/// A program that runs containers. Few trials need one, so a missing one is no fault.
enum ContainerRuntime: String, CaseIterable, Sendable {
    case docker, podman

    /// For its daemon to answer.
    static let answerLimit: Duration = .seconds(3)
    /// For the whole check.
    static let limit: Duration = .seconds(5)

    private var arguments: [String] {
        switch self {
        case .docker: ["version", "--format", "{{.Server.Version}}"]
        case .podman: ["version", "--format", "{{.Version}}"]
        }
    }

    private var remedy: String {
        switch self {
        case .docker: "sudo systemctl start docker, and be a member of its group: sudo usermod -aG docker \"$USER\""
        case .podman: "podman info, and see what it complains about"
        }
    }

    func judge(_ answer: ProbedProgram.Answer, path: String?, cgroups: String) -> Finding {
        let place = path ?? rawValue
        switch answer {
        case .missing:
            return Finding(.machine, rawValue, .skip, "not installed; only trials that name a container need it")
        case .said(let text):
            let version = ForeignText.firstLine(of: text)
            return Finding(
                .machine,
                rawValue,
                .ok,
                "\(place), version \(version.isEmpty ? "unknown" : version), \(cgroups)"
            )
        case .failed(let text, let ending):
            let words = ForeignText.firstLine(of: text)
            let reason = words.isEmpty ? ending : words
            return Finding(.machine, rawValue, .warn, "\(place) does not work: \(reason)", remedy: remedy)
        case .late:
            let detail = "\(place) gave no answer within \(Self.answerLimit)"
            return Finding(.machine, rawValue, .warn, detail, remedy: remedy)
        }
    }

    func finding(environment: [String: String]) async -> Finding {
        let path = ProbedProgram.find(rawValue, environment: environment)
        let answer = await ProbedProgram.ask(path, arguments, environment: environment, within: Self.answerLimit)
        let isUnified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
        return judge(answer, path: path, cgroups: isUnified ? "cgroup v2" : "cgroup v1")
    }
}
