import Foundation

/// GPUs as the tools of their makers show them.
enum GraphicsProcessors {
    /// For one tool to answer.
    static let answerLimit: Duration = .seconds(4)
    /// For the whole check, which asks two tools one after the other.
    static let limit: Duration = .seconds(9)

    /// What was seen.
    struct Facts: Sendable, Hashable {
        var nvidiaTool = ProbedProgram.Answer.missing
        var rocmTool = ProbedProgram.Answer.missing
        /// `/dev/nvidia0` and the like.
        var nvidiaDevices: [String] = []
        /// Whether there is `/dev/kfd`.
        var hasROCmDevice = false
        var visibleDevices: String?
    }

    static func judge(_ facts: Facts) -> [Finding] {
        var findings = nvidia(facts) + rocm(facts)
        if findings.isEmpty { findings = [Finding(.machine, "gpus", .skip, "no GPU found")] }
        if let visible = facts.visibleDevices {
            let isNone = visible.isEmpty || visible == "-1"
            let detail = "CUDA_VISIBLE_DEVICES=\(visible)" + (isNone ? " hides every GPU from trials" : "")
            findings.append(
                Finding(.machine, "gpu_selection", isNone ? .warn : .ok, detail, remedy: "unset CUDA_VISIBLE_DEVICES")
            )
        }
        return findings
    }

    private static func nvidia(_ facts: Facts) -> [Finding] {
        switch facts.nvidiaTool {
        case .said(let text):
            let cards = text.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.isEmpty }
            guard !cards.isEmpty else { return [] }
            let noun = cards.count == 1 ? "GPU" : "GPUs"
            return [Finding(.machine, "gpus", .ok, "\(cards.count) \(noun): \(ForeignText.list(cards))")]
        case .failed(let text, let ending):
            let words = ForeignText.firstLine(of: text)
            let detail = "nvidia-smi fails: \(words.isEmpty ? ending : words)"
            return [
                Finding(.machine, "gpus", .warn, detail, remedy: "reload or reinstall the driver, then: nvidia-smi")
            ]
        case .late:
            let detail = "nvidia-smi gave no answer within \(answerLimit)"
            return [Finding(.machine, "gpus", .warn, detail, remedy: "sudo nvidia-smi -pm 1, or restart the machine")]
        case .missing:
            guard !facts.nvidiaDevices.isEmpty else { return [] }
            let devices = ForeignText.list(facts.nvidiaDevices)
            let remedy = "install nvidia-smi (in a container: --gpus all) to see what they are"
            return [Finding(.machine, "gpus", .warn, "\(devices) without nvidia-smi", remedy: remedy)]
        }
    }

    private static func rocm(_ facts: Facts) -> [Finding] {
        guard facts.hasROCmDevice else { return [] }
        switch facts.rocmTool {
        case .said: return [Finding(.machine, "gpus_amd", .ok, "/dev/kfd, and rocm-smi answers")]
        default:
            let detail = "/dev/kfd is there, but rocm-smi does not answer"
            return [
                Finding(.machine, "gpus_amd", .warn, detail, remedy: "rocm-smi, and be in the groups render and video")
            ]
        }
    }

    static func findings(environment: [String: String]) async -> [Finding] {
        var facts = Facts()
        facts.visibleDevices = environment["CUDA_VISIBLE_DEVICES"]
        facts.nvidiaTool = await ProbedProgram.ask(
            ProbedProgram.find("nvidia-smi", environment: environment),
            ["--query-gpu=name,memory.total", "--format=csv,noheader"],
            environment: environment,
            within: answerLimit
        )
        // Without /dev there are none.
        let devices = (try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []
        facts.nvidiaDevices = devices.filter { $0.wholeMatch(of: /nvidia\d+/) != nil }.sorted().map { "/dev/\($0)" }
        facts.hasROCmDevice = devices.contains("kfd")
        if facts.hasROCmDevice {
            facts.rocmTool = await ProbedProgram.ask(
                ProbedProgram.find("rocm-smi", environment: environment),
                ["--showid"],
                environment: environment,
                within: answerLimit
            )
        }
        return judge(facts)
    }
}
