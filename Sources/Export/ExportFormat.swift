/// How results leave the store.
public enum ExportFormat: String, Sendable, Hashable, CaseIterable {
    case csv, json, jsonl, yaml

    /// The format that a file's name asks for; `nil` when it has another extension or none.
    public init?(fileName: String) {
        let name = fileName.split(separator: "/").last ?? ""
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return nil }
        switch name[point...].lowercased() {
        case ".csv": self = .csv
        case ".json": self = .json
        case ".jsonl", ".ndjson": self = .jsonl
        case ".yaml", ".yml": self = .yaml
        default: return nil
        }
    }

    /// Whether the format has a place for every reported value.
    public var holdsObservations: Bool { self == .json || self == .yaml }
}
