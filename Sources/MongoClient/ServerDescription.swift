/// What a server says about itself.
public struct ServerDescription: Sendable, Equatable {
    /// A version such as 6.0.5.
    public struct Version: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// The first number.
        public let major: Int
        /// The second number.
        public let minor: Int
        /// The third number.
        public let patch: Int

        /// A version of three numbers.
        public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
            self.major = major
            self.minor = minor
            self.patch = patch
        }

        /// The numbers with points between.
        public var description: String {
            "\(major).\(minor).\(patch)"
        }

        /// Older versions come first.
        public static func < (left: Version, right: Version) -> Bool {
            (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
        }
    }

    /// The version of the server.
    public let version: Version
    /// Whether it is a member of a replica set or a router of a sharded cluster, so that change streams work.
    public let hasChangeStreams: Bool
    /// Whether it is a member of a replica set.
    public let isReplicaSet: Bool
    /// Whether it takes writes.
    public let isWritablePrimary: Bool
    /// The name of the replica set.
    public let setName: String?
}
