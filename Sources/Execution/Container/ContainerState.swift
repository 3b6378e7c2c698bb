import Foundation

/// What an engine says of one of its containers.
struct ContainerState: Sendable, Hashable {
    var name: String
    /// Whether it has ever been started.
    var hasStarted: Bool
    var isRunning: Bool
    var exitStatus: Int32
    /// Whether the kernel killed a process in it for want of memory; engines do not always notice.
    var isOutOfMemory: Bool
    /// What kept it from starting.
    var error: String
    var labels: [String: String]

    /// Reads what `container inspect` prints; `nil` when it is something else.
    static func read(_ json: String) -> [ContainerState]? {
        // What cannot be read is no answer; the caller says so.
        guard let said = try? JSONDecoder().decode([Said].self, from: Data(json.utf8)) else { return nil }
        return said.map { container in
            ContainerState(
                name: container.Name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 } ?? container.Id,
                hasStarted: !["created", "configured", "initialized"].contains(container.State.Status ?? ""),
                isRunning: container.State.Running ?? false,
                exitStatus: container.State.ExitCode ?? 0,
                isOutOfMemory: container.State.OOMKilled ?? false,
                error: container.State.Error ?? "",
                labels: container.Config?.Labels ?? [:]
            )
        }
    }

    // The names are the engines' own.
    private struct Said: Decodable {
        struct State: Decodable {
            var Status: String?
            var Running: Bool?
            var ExitCode: Int32?
            var OOMKilled: Bool?
            var Error: String?
        }
        struct Config: Decodable { var Labels: [String: String]? }
        var Id: String
        var Name: String?
        var State: State
        var Config: Config?
    }
}
