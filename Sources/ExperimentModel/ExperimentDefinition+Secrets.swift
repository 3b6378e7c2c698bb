extension ExperimentDefinition {
    /// Names of the secrets that a worker needs for its trials, each once.
    public var secretNames: [String] {
        let registry = container?.registryAuth.map { [$0] } ?? []
        return registry + secretEnvironment.filter { !registry.contains($0) }
    }
}
