public import EmbeddedMongo

/// Where the store is, as flags and environment say.
public enum StoreLocation: Sendable {
    /// A server of the user's; the text is a connection string, maybe with a password.
    case server(uri: String)
    /// The embedded store of a data directory.
    case embedded(DataDirectory)
}

/// What is wrong with the options that say where the store is.
public enum StoreOptionsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two options that exclude each other.
    case conflict(String)
    /// The file with the URI cannot be used.
    case uriFile(path: String, reason: String)
    /// A name that MongoDB does not take.
    case databaseName(String)
    /// An environment variable with a value that makes no sense.
    case variable(name: String, reason: String)

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .conflict(let options): "\(options) exclude each other; give one of them."
        case .uriFile(let path, let reason): "\(path) cannot be used as --mongo-uri-file: \(reason)"
        case .databaseName(let name):
            "\"\(name)\" is no name of a database: use 1 to 63 letters, digits, - and _ in --database."
        case .variable(let name, let reason): "The environment variable \(name) \(reason)"
        }
    }
}

extension StoreOptions {
    /// Longest name of a MongoDB database.
    private static let longestDatabaseName = 63

    /// The place of the store, by flag, then environment, then default.
    /// - Throws: ``StoreOptionsError``, `EmbeddedMongoError.noDataDirectory`.
    public func location(environment: [String: String]) throws -> StoreLocation {
        if mongo != nil, mongoURIFile != nil { throw StoreOptionsError.conflict("--mongo and --mongo-uri-file") }
        if let mongo { return .server(uri: mongo) }
        if let mongoURIFile { return .server(uri: try URIFile.read(mongoURIFile)) }
        if let dataDir { return .embedded(DataDirectory(dataDir)) }
        if let uri = environment["HYPER_MONGO_URI"], !uri.isEmpty { return .server(uri: uri) }
        if let file = environment["HYPER_MONGO_URI_FILE"], !file.isEmpty { return .server(uri: try URIFile.read(file)) }
        if let directory = environment["HYPER_DATA_DIR"], !directory.isEmpty {
            return .embedded(DataDirectory(directory))
        }
        return .embedded(try DataDirectory.standard(environment: environment))
    }

    /// The name of the database, by flag, then environment, then default.
    public func databaseName(environment: [String: String], default standard: String) throws -> String {
        let name = database ?? environment["HYPER_DATABASE"] ?? standard
        let isValid = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isValid, (1...Self.longestDatabaseName).contains(name.utf8.count) else {
            throw StoreOptionsError.databaseName(name)
        }
        return name
    }
}
