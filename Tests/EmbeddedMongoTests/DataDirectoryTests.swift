import Foundation
import Testing

@testable import EmbeddedMongo

@Suite("Data directory")
struct DataDirectoryTests {
    @Test("is below XDG_DATA_HOME when that is absolute, else below HOME")
    func standardPlace() throws {
        let named = try DataDirectory.standard(environment: ["XDG_DATA_HOME": "/xdg", "HOME": "/home/a"])
        #expect(named.path == "/xdg/hyper")
        let relative = try DataDirectory.standard(environment: ["XDG_DATA_HOME": "xdg", "HOME": "/home/a"])
        #expect(relative.path == "/home/a/.local/share/hyper")
        #expect(throws: EmbeddedMongoError.noDataDirectory) { try DataDirectory.standard(environment: [:]) }
    }

    @Test("is made with all parents for the owner alone, and two ways to it are one")
    func creation() async throws {
        try await StoreSandbox.use { sandbox in
            let deep = try DataDirectory(sandbox.folder + "/a/b/").create()
            #expect(StoreSandbox.mode(of: deep.path) == 0o700)
            #expect(StoreSandbox.mode(of: sandbox.folder + "/a") == 0o700)
            #expect(StoreSandbox.mode(of: deep.databasePath) == 0o700)
            let link = sandbox.folder + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: deep.path)
            #expect(try DataDirectory(link).create() == deep)
        }
    }

    @Test("that cannot be made says why", arguments: ["/proc/hyper", "/proc/hyper/deep", "/sys/hyper"])
    func readOnly(path: String) throws {
        let error = try #require(throws: EmbeddedMongoError.self) { try DataDirectory(path).create() }
        guard case .dataDirectoryUnusable(let named, let problem) = error else {
            Issue.record("unexpected: \(error)")
            return
        }
        #expect(path.hasPrefix(named))
        #expect([.readOnly, .noPermission].contains(problem))
        #expect(error.description.contains("--data-dir"))
    }

    @Test("that is a file, or lies below one, is refused")
    func file() async throws {
        try await StoreSandbox.use { sandbox in
            let file = try await sandbox.script("file", "")
            for path in [file, file + "/below"] {
                let error = #expect(throws: EmbeddedMongoError.self) { try DataDirectory(path).create() }
                #expect(error?.description.contains("not a directory") == true)
            }
        }
    }

    @Test("that others may write to is refused")
    func writableByOthers() async throws {
        try await StoreSandbox.use { sandbox in
            let path = sandbox.directory.path
            try FileManager.default.setAttributes([.posixPermissions: 0o770], ofItemAtPath: path)
            #expect(throws: EmbeddedMongoError.dataDirectoryUnusable(path: path, .writableByOthers)) {
                try sandbox.directory.create()
            }
        }
    }
}
