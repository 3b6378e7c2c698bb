import Foundation

/// Reading and writing `endpoint.json`.
public enum EndpointFile {
    private static let longestField = 1024

    /// The endpoint of a data directory; nil when no store was ever started there.
    ///
    /// - Throws: `EmbeddedMongoError.fileNotPrivate` when group or others may read it or it is another user's,
    ///   `.fileCorrupt`, `.dataDirectoryUnusable`.
    public static func read(_ directory: DataDirectory) throws(EmbeddedMongoError) -> Endpoint? {
        let path = directory.endpointFile
        guard let bytes = try PrivateFile.read(path) else { return nil }
        let endpoint: Endpoint
        do {
            endpoint = try JSONDecoder().decode(Endpoint.self, from: Data(bytes))
        } catch {
            // The decoder's own text could quote the password.
            throw .fileCorrupt(path: path, reason: "it is not the JSON that a store writes")
        }
        let texts = [endpoint.host, endpoint.user, endpoint.password, endpoint.replicaSet]
        guard texts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= longestField }), endpoint.host == LoopbackPort.host,
            (1...Int(UInt16.max)).contains(endpoint.port), endpoint.pid >= 0
        else {
            throw .fileCorrupt(path: path, reason: "host, port, pid, user or password make no sense")
        }
        return endpoint
    }

    /// Replaces the file; the caller holds the start lock.
    static func write(_ endpoint: Endpoint, to directory: DataDirectory) throws(EmbeddedMongoError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: Data
        do {
            bytes = try encoder.encode(endpoint)
        } catch {
            throw .setupFailed(step: "writing endpoint.json", reason: "the endpoint cannot be encoded")
        }
        try PrivateFile.write(Array(bytes) + [UInt8(ascii: "\n")], to: directory.endpointFile)
    }
}
