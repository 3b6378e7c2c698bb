import ExperimentModel
import Foundation

/// What an engine says of itself.
public struct EngineFacts: Sendable, Hashable {
    /// Its version.
    public var version: String
    /// Whether it runs without root's rights, so that root in a container is the engine's user outside.
    public var isRootless: Bool
    /// Whether it can limit memory; `nil` when it does not say.
    public var limitsMemory: Bool?
    /// Whether it can limit processor time; `nil` when it does not say.
    public var limitsProcessors: Bool?
    /// `v1` or `v2`, when it says.
    public var cgroupVersion: String?

    /// Reads what `info` prints as JSON; `nil` when it is not what an engine says.
    init?(_ runtime: TrialRuntime, _ json: String) {
        let decoder = JSONDecoder()
        switch runtime {
        case .process: return nil
        case .podman:
            // What cannot be read is no answer; the caller shows it.
            guard let said = try? decoder.decode(Podman.self, from: Data(json.utf8)) else { return nil }
            version = said.version?.Version ?? "unknown"
            isRootless = said.host.security?.rootless ?? false
            cgroupVersion = said.host.cgroupVersion
            limitsMemory = said.host.cgroupControllers?.contains("memory")
            limitsProcessors = said.host.cgroupControllers?.contains("cpu")
        case .docker:
            guard let said = try? decoder.decode(Docker.self, from: Data(json.utf8)), let server = said.ServerVersion,
                !server.isEmpty
            else { return nil }
            version = server
            isRootless = said.SecurityOptions?.contains { $0.hasPrefix("name=rootless") } ?? false
            cgroupVersion = said.CgroupVersion.map { "v\($0)" }
            limitsMemory = said.MemoryLimit
            limitsProcessors = said.CPUCfsQuota
        }
    }

    // The names are the engines' own.
    private struct Podman: Decodable {
        struct Host: Decodable {
            var security: Security?
            var cgroupVersion: String?
            var cgroupControllers: [String]?
        }
        struct Security: Decodable { var rootless: Bool? }
        struct Version: Decodable { var Version: String? }
        var host: Host
        var version: Version?
    }

    private struct Docker: Decodable {
        var ServerVersion: String?
        var SecurityOptions: [String]?
        var CgroupVersion: String?
        var MemoryLimit: Bool?
        var CPUCfsQuota: Bool?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            ServerVersion = try container.decodeIfPresent(String.self, forKey: .ServerVersion)
            SecurityOptions = try container.decodeIfPresent([String].self, forKey: .SecurityOptions)
            // Engines that speak Docker's language write it as a number or as a text.
            CgroupVersion = try? container.decodeIfPresent(String.self, forKey: .CgroupVersion)
            MemoryLimit = try container.decodeIfPresent(Bool.self, forKey: .MemoryLimit)
            CPUCfsQuota = try? container.decodeIfPresent(Bool.self, forKey: .CPUCfsQuota)
        }

        enum CodingKeys: String, CodingKey {
            case ServerVersion, SecurityOptions, CgroupVersion, MemoryLimit
            case CPUCfsQuota = "CpuCfsQuota"
        }
    }
}
