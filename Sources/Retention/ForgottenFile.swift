public import ExperimentModel

/// A file or pieces of one that nothing refers to any more.
public struct ForgottenFile: Sendable, Hashable {
    /// What it is.
    public enum Place: Sendable, Hashable {
        /// A workspace in the store that no experiment names.
        case workspace(hash: String)
        /// Pieces in the store of so many files whose storing was cut short.
        case pieces(files: Int)
        /// A workspace on this host, by the name of its file; it is fetched again when it is needed.
        case cached(name: String)
    }

    /// What it is.
    public var place: Place
    /// Its size.
    public var bytes: Int64
    /// When it was stored, by the store's clock, or last used, by this host's.
    public var usedAt: Timestamp

    /// An entry.
    public init(place: Place, bytes: Int64, usedAt: Timestamp) {
        self.place = place
        self.bytes = bytes
        self.usedAt = usedAt
    }

    /// Whether it lies on this host.
    public var isOnHost: Bool {
        if case .cached = place { true } else { false }
    }
}
