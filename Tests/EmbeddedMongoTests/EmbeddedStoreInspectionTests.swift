import Foundation
import Glibc
import Testing

@testable import EmbeddedMongo

@Suite("Looking at an embedded store from outside")
struct EmbeddedStoreInspectionTests {
    @Test("a directory that is not there is not made")
    func missing() async throws {
        try await StoreSandbox.use { sandbox in
            let directory = DataDirectory(sandbox.folder + "/not/yet")
            let seen = EmbeddedStoreInspection(directory)
            #expect(seen.place == .canBeMade)
            #expect(seen.holder == .nobody)
            #expect(!FileManager.default.fileExists(atPath: sandbox.folder + "/not"))
            #expect(EmbeddedStoreInspection(DataDirectory("/dev/null/x")).place != .canBeMade)
        }
    }

    @Test("mode, endpoint file and users are seen as they are")
    func existing() async throws {
        try await StoreSandbox.use { sandbox in
            let directory = try DataDirectory(sandbox.folder + "/data").create()
            #expect(EmbeddedStoreInspection(directory).place == .usable(mode: 0o700))
            let users = try FileLock(path: directory.usersLock)
            #expect(try users.tryLock(.shared))
            #expect(EmbeddedStoreInspection(directory).users.map(\.pid) == [getpid()])
            users.release()
            try Data("{}".utf8).write(to: URL(fileURLWithPath: directory.endpointFile))
            #expect(chmod(directory.endpointFile, 0o644) == 0)
            guard case .failure(.fileNotPrivate) = EmbeddedStoreInspection(directory).endpoint else {
                Issue.record("a wide endpoint file was accepted")
                return
            }
            #expect(chmod(directory.path, 0o777) == 0)
            let refused = EmbeddedMongoError.dataDirectoryUnusable(path: directory.path, .writableByOthers)
            #expect(EmbeddedStoreInspection(directory).place == .refused(refused))
        }
    }

    @Test("only holders of a flock on the file count, each once")
    func lockTable() {
        let table = """
            1: FLOCK  ADVISORY  READ 1234 08:01:77 0 EOF
            1: -> FLOCK  ADVISORY  WRITE 99 08:01:77 0 EOF
            2: FLOCK  ADVISORY  READ 1234 08:01:77 0 EOF
            3: POSIX  ADVISORY  WRITE 5 08:01:77 0 EOF
            4: FLOCK  ADVISORY  READ 6 08:01:78 0 EOF
            5: FLOCK  ADVISORY  READ -1 08:01:77 0 EOF
            6: nonsense
            7: FLOCK  ADVISORY  READ 1000 00:2a:77 0 EOF
            """
        #expect(EmbeddedStoreInspection.lockHolders(inode: 77, table: table) == [1000, 1234])
    }
}
