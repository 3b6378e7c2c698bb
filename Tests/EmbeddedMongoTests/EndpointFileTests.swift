import Foundation
import Testing

@testable import EmbeddedMongo

@Suite("Endpoint file")
struct EndpointFileTests {
    private func endpoint(password: String = "p:w/@%?") -> Endpoint {
        Endpoint(
            isReady: true,
            host: "127.0.0.1",
            port: 27017,
            user: "hyper",
            password: password,
            replicaSet: "hyper",
            pid: 7,
            version: "6.0.5",
            machine: "here",
            listening: nil
        )
    }

    @Test("comes back as it was written, for the owner alone, and leaves nothing beside it")
    func roundTrip() async throws {
        try await StoreSandbox.use { sandbox in
            var written = endpoint()
            written.listening = try StoreListening(address: "10.0.0.5", advertise: "node-1")
            try EndpointFile.write(endpoint(password: "older"), to: sandbox.directory)
            try EndpointFile.write(written, to: sandbox.directory)
            #expect(try EndpointFile.read(sandbox.directory) == written)
            #expect(StoreSandbox.mode(of: sandbox.directory.endpointFile) == 0o600)
            let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.directory.path)
            #expect(names.sorted() == ["endpoint.json", "mongo"])
        }
    }

    @Test("that is missing is no error")
    func missing() async throws {
        try await StoreSandbox.use { sandbox in
            let found = try EndpointFile.read(sandbox.directory)
            #expect(found == nil)
        }
    }

    @Test("is refused when group or others may read it", arguments: [0o640, 0o604, 0o660, 0o644])
    func wideMode(mode: Int) async throws {
        try await StoreSandbox.use { sandbox in
            let path = sandbox.directory.endpointFile
            try EndpointFile.write(endpoint(), to: sandbox.directory)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let error = #expect(throws: EmbeddedMongoError.self) { try EndpointFile.read(sandbox.directory) }
            #expect(error?.description.contains("mode \(String(mode, radix: 8))") == true)
            #expect(error?.description.contains("chmod 600") == true)
        }
    }

    @Test("is refused when it is a link or a folder")
    func notAFile() async throws {
        try await StoreSandbox.use { sandbox in
            let path = sandbox.directory.endpointFile
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
            #expect(throws: EmbeddedMongoError.fileNotPrivate(path: path, reason: "it is a symbolic link")) {
                try EndpointFile.read(sandbox.directory)
            }
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            #expect(throws: EmbeddedMongoError.fileNotPrivate(path: path, reason: "it is not a regular file")) {
                try EndpointFile.read(sandbox.directory)
            }
        }
    }

    @Test(
        "is refused when its content makes no sense, without showing the password",
        arguments: [
            "", "{", "[]", "{\"password\": \"secret\"}",
            #"{"isReady":true,"host":"evil.example","port":1,"user":"u","password":"secret","replicaSet":"r","pid":1,"version":"","machine":""}"#,
            #"{"isReady":true,"host":"127.0.0.1","port":70000,"user":"u","password":"secret","replicaSet":"r","pid":1,"version":"","machine":""}"#,
            #"{"isReady":true,"host":"127.0.0.1","port":7,"user":"u","password":"secret","replicaSet":"r","pid":-1,"version":"","machine":""}"#,
            String(repeating: " ", count: PrivateFile.maximumBytes + 1),
        ]
    )
    func corrupt(text: String) async throws {
        try await StoreSandbox.use { sandbox in
            try PrivateFile.write(Array(text.utf8), to: sandbox.directory.endpointFile)
            let error = try #require(throws: EmbeddedMongoError.self) { try EndpointFile.read(sandbox.directory) }
            guard case .fileCorrupt = error else {
                Issue.record("unexpected: \(error)")
                return
            }
            #expect(!error.description.contains("secret"))
        }
    }

    @Test("holds everything for a URI, with the password escaped, and shows it nowhere else")
    func uri() throws {
        var endpoint = endpoint()
        #expect(
            endpoint.uri
                == "mongodb://hyper:p%3Aw%2F%40%25%3F@127.0.0.1:27017/?authSource=admin&replicaSet=hyper"
        )
        #expect(endpoint.redactedURI == "mongodb://hyper:***@127.0.0.1:27017/?authSource=admin&replicaSet=hyper")
        #expect(endpoint.advertisedURI == nil)
        endpoint.listening = try StoreListening(address: "::", advertise: "fd00::1")
        #expect(
            endpoint.redactedAdvertisedURI
                == "mongodb://hyper:***@[fd00::1]:27017/?authSource=admin&directConnection=true"
        )
        #expect(!"\(endpoint) \(String(reflecting: endpoint))".contains("p:w"))
    }
}
