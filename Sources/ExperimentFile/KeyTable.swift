/// The keys of one mapping of the experiment file.
///
/// The reader knows no other keys, and the reference is written from here, so that the two cannot differ.
struct KeyTable: Sendable {
    /// What the mapping is called in messages, such as `limits`; `nil` for the file itself.
    let name: String?
    let keys: [FileKey]
    let later: [LaterKey]
    /// Entries that the mapping needs besides the one that is looked at, for whole examples.
    let frame: [(key: String, value: String)]
    /// Keys that exclude each other.
    let oneOf: [String]

    init(
        _ name: String?,
        _ keys: [FileKey],
        later: [LaterKey] = [],
        frame: [(key: String, value: String)] = [],
        oneOf: [String] = []
    ) {
        self.name = name
        self.keys = keys
        self.later = later
        self.frame = frame
        self.oneOf = oneOf
    }

    var names: [String] { keys.map(\.name) }
    var laterNames: [String] { later.map(\.name) }

    /// The key of a name.
    subscript(name: String) -> FileKey? { keys.first { $0.name == name } }

    /// The numbers that a key takes.
    func range(of key: String) -> ClosedRange<Int> {
        guard case .wholeNumber(let range)? = self[key]?.form else {
            preconditionFailure("\(key) is no whole number of \(name ?? "the file")")
        }
        return range
    }

    /// Every table, in the order of the reference.
    static let all =
        [file, objective, limits, sampler] + policies + [retries, input, environment, mount, workspace, artifacts]

    /// The keys that `hyperserver set` changes, each in the table that it stands in.
    static var live: [FileKey] { [limits, objective, file].flatMap(\.keys).filter(\.isLive) }
}
