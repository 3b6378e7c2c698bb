/// The container that trials run in: the key `environment` of the file.
public struct ContainerSpecification: Sendable, Hashable, Codable {
    /// Where the image comes from.
    public enum Source: Sendable, Hashable {
        /// A name as container engines take it, such as `python:3.12` or `ghcr.io/lab/train@sha256:…`.
        case image(String)
        /// A Dockerfile in the workspace, by its relative path; each worker builds it once for each content.
        case dockerfile(String)
    }

    /// When a worker asks the registry for the image.
    public enum PullPolicy: String, Sendable, Hashable, Codable, CaseIterable {
        /// When the image is not on the machine.
        case missing
        /// Before every attempt.
        case always
        /// Never: the image has to be there.
        case never
    }

    /// A directory or file of the worker's machine that the container sees.
    public struct Mount: Sendable, Hashable, Codable {
        /// Absolute path on the worker's machine, which must exist, or the name of a volume of the engine.
        public var source: String
        /// Absolute path in the container.
        public var target: String
        /// Whether the trial may not change it.
        public var isReadOnly: Bool

        /// A mount.
        public init(source: String, target: String, isReadOnly: Bool = false) {
            self.source = source
            self.target = target
            self.isReadOnly = isReadOnly
        }

        enum CodingKeys: String, CodingKey {
            case source, target
            case isReadOnly = "read_only"
        }
    }

    /// Where the image comes from.
    public var source: Source
    /// When a worker asks the registry for it.
    public var pull: PullPolicy
    /// `user` or `user:group`, by number or by a name that the image knows; `nil`: the one that can write the trial's files.
    public var user: String?
    /// What the container sees of the worker's machine beside the trial's own directories.
    public var mounts: [Mount]
    /// Variables of containers alone, on top of those of the definition.
    public var variables: [String: String]
    /// A network of the engine, `none` or `host`; `nil`: the engine's default.
    public var network: String?
    /// Most bytes of memory, without swap; `nil`: as much as there is.
    public var memoryBytes: Int64?
    /// Most processor time, in processors; `nil`: as much as there is.
    public var cpus: Double?
    /// Bytes of `/dev/shm`; `nil`: the engine's default.
    public var sharedMemoryBytes: Int64?
    /// In place of the image's own entry point; empty: none, so that the command itself is started. `nil`: the image's.
    public var entrypoint: [String]?
    /// The secret of the worker that opens the registry: see `--secrets`.
    public var registryAuth: String?
    /// Absolute path in the container at which the trial starts, and at which the workspace is seen. `nil`: as on the worker's
    /// machine.
    public var workingDirectory: String?

    /// Sizes of memory that can be asked for, in bytes; engines refuse less.
    public static let memoryRange = (6 << 20)...ByteCount.largest
    /// Sizes of `/dev/shm` that can be asked for, in bytes.
    public static let sharedMemoryRange: ClosedRange<Int64> = 4096...ByteCount.largest
    /// Numbers of processors that can be asked for.
    public static let cpusRange = 0.01...4096

    /// A specification.
    public init(
        source: Source,
        pull: PullPolicy = .missing,
        user: String? = nil,
        mounts: [Mount] = [],
        variables: [String: String] = [:],
        network: String? = nil,
        memoryBytes: Int64? = nil,
        cpus: Double? = nil,
        sharedMemoryBytes: Int64? = nil,
        entrypoint: [String]? = nil,
        registryAuth: String? = nil,
        workingDirectory: String? = nil
    ) {
        self.source = source
        self.pull = pull
        self.user = user
        self.mounts = mounts
        self.variables = variables
        self.network = network
        self.memoryBytes = memoryBytes
        self.cpus = cpus
        self.sharedMemoryBytes = sharedMemoryBytes
        self.entrypoint = entrypoint
        self.registryAuth = registryAuth
        self.workingDirectory = workingDirectory
    }
}
