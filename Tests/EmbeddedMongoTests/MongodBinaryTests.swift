import Foundation
import Testing

@testable import EmbeddedMongo

@Suite("Finding mongod", .timeLimit(.minutes(10)))
struct MongodBinaryTests {
    @Test("reads versions, and only versions")
    func versions() {
        #expect(MongodVersion("6.0.5")?.description == "6.0.5")
        #expect(MongodVersion("7.0.0-rc1") == MongodVersion("7.0.0"))
        #expect(MongodVersion("v6") == nil)
        #expect(MongodVersion("6") == nil)
        #expect(MongodVersion("99999999999999999999.1") == nil)
        #expect(MongodVersion(versionOutput: "db version v5.0.1\nBuild Info: {}").map { $0 < .minimum } == true)
        #expect(MongodVersion(versionOutput: "MongoDB shell version v6.0.5") == nil)
        #expect([MongodVersion("6.0")].compactMap { $0 } == [.minimum])
    }

    @Test("takes the flag before HYPER_MONGOD before PATH before the data directory")
    func order() async throws {
        try await StoreSandbox.use { sandbox in
            let bundled = sandbox.folder + "/hyper/bin"
            let onPath = sandbox.folder + "/path"
            for folder in [bundled, onPath] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            let flag = try await sandbox.script("flag", "echo 'db version v6.0.1'")
            let variable = try await sandbox.script("variable", "echo 'db version v6.0.2'")
            _ = try await sandbox.script("path/mongod", "echo 'db version v6.0.3'")
            _ = try await sandbox.script("hyper/bin/mongod", "echo 'db version v6.0.4'")
            var environment = [
                "HYPER_MONGOD": variable, "PATH": "/nowhere:\(onPath)", "XDG_DATA_HOME": sandbox.folder,
            ]
            #expect(try await MongodBinary.find(explicit: flag, environment: environment).version.patch == 1)
            #expect(try await MongodBinary.find(explicit: nil, environment: environment).version.patch == 2)
            environment["HYPER_MONGOD"] = nil
            #expect(try await MongodBinary.find(explicit: nil, environment: environment).version.patch == 3)
            // One that is too old gives way, since nobody asked for it by name.
            _ = try await sandbox.script("path/mongod", "echo 'db version v4.4.3'")
            #expect(try await MongodBinary.find(explicit: nil, environment: environment).version.patch == 4)
        }
    }

    @Test("says where it looked when there is none")
    func missing() async throws {
        try await StoreSandbox.use { sandbox in
            let environment = ["PATH": sandbox.folder, "HOME": sandbox.folder]
            let error = await #expect(throws: EmbeddedMongoError.self) {
                try await MongodBinary.find(explicit: nil, environment: environment)
            }
            #expect(error?.description.contains("scripts/setup") == true)
            #expect(error?.description.contains(sandbox.folder + "/.local/share/hyper/bin/mongod") == true)
            await #expect(throws: EmbeddedMongoError.mongodMissing(searched: ["/nowhere/mongod"])) {
                try await MongodBinary.find(explicit: "/nowhere/mongod", environment: environment)
            }
        }
    }

    @Test("refuses one that is too old, not executable, a folder, silent or something else")
    func unusable() async throws {
        try await StoreSandbox.use { sandbox in
            let old = try await sandbox.script("old", "echo 'db version v5.0.1'")
            await #expect(throws: EmbeddedMongoError.mongodTooOld(path: old, found: "5.0.1")) {
                try await MongodBinary.find(explicit: old, environment: [:])
            }
            let plain = try await sandbox.script("plain", "", mode: 0o644)
            for path in [plain, sandbox.folder] {
                await #expect(throws: EmbeddedMongoError.mongodNotExecutable(path: path)) {
                    try await MongodBinary.find(explicit: path, environment: [:])
                }
            }
            let hanging = try await sandbox.script("hanging", "exec sleep 600")
            await #expect(throws: EmbeddedMongoError.self) {
                try await MongodBinary.find(explicit: hanging, environment: [:], timeout: .milliseconds(100))
            }
            let other = try await sandbox.script("other", "printf 'hello\\033[31m'; exit 3")
            let error = await #expect(throws: EmbeddedMongoError.self) {
                try await MongodBinary.find(explicit: other, environment: [:])
            }
            #expect(error?.description.contains("exited with status 3") == true)
            #expect(error?.description.contains("\u{1b}") == false)
        }
    }
}
