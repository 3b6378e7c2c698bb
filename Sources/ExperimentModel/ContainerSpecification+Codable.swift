/// The stored form: the keys of the file.
extension ContainerSpecification {
    enum CodingKeys: String, CodingKey {
        case image, dockerfile, pull, user, mounts, network, cpus, entrypoint
        case variables = "env"
        case memoryBytes = "memory"
        case sharedMemoryBytes = "shm_size"
        case registryAuth = "registry_auth"
        case workingDirectory = "working_directory"
    }

    /// Reads the stored form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let dockerfile = try container.decodeIfPresent(String.self, forKey: .dockerfile) {
            source = .dockerfile(dockerfile)
        } else {
            source = .image(try container.decode(String.self, forKey: .image))
        }
        pull = try container.decodeIfPresent(PullPolicy.self, forKey: .pull) ?? .missing
        user = try container.decodeIfPresent(String.self, forKey: .user)
        mounts = try container.decodeIfPresent([Mount].self, forKey: .mounts) ?? []
        variables = try container.decodeIfPresent([String: String].self, forKey: .variables) ?? [:]
        network = try container.decodeIfPresent(String.self, forKey: .network)
        memoryBytes = try container.decodeIfPresent(Int64.self, forKey: .memoryBytes)
        cpus = try container.decodeIfPresent(Double.self, forKey: .cpus)
        sharedMemoryBytes = try container.decodeIfPresent(Int64.self, forKey: .sharedMemoryBytes)
        entrypoint = try container.decodeIfPresent([String].self, forKey: .entrypoint)
        registryAuth = try container.decodeIfPresent(String.self, forKey: .registryAuth)
        workingDirectory = try container.decodeIfPresent(String.self, forKey: .workingDirectory)
    }

    /// Writes the stored form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch source {
        case .image(let image): try container.encode(image, forKey: .image)
        case .dockerfile(let path): try container.encode(path, forKey: .dockerfile)
        }
        try container.encode(pull, forKey: .pull)
        try container.encodeIfPresent(user, forKey: .user)
        try container.encode(mounts, forKey: .mounts)
        try container.encode(variables, forKey: .variables)
        try container.encodeIfPresent(network, forKey: .network)
        try container.encodeIfPresent(memoryBytes, forKey: .memoryBytes)
        try container.encodeIfPresent(cpus, forKey: .cpus)
        try container.encodeIfPresent(sharedMemoryBytes, forKey: .sharedMemoryBytes)
        try container.encodeIfPresent(entrypoint, forKey: .entrypoint)
        try container.encodeIfPresent(registryAuth, forKey: .registryAuth)
        try container.encodeIfPresent(workingDirectory, forKey: .workingDirectory)
    }
}
