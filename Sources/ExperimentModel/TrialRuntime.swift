/// What a worker runs trials in whose definition names a container.
public enum TrialRuntime: String, Sendable, Hashable, Codable, CaseIterable {
    /// No container: the command runs as a process of the worker's machine.
    case process
    /// A container of Docker.
    case docker
    /// A container of Podman.
    case podman
}
