import Foundation
import Glibc
import Testing

@testable import EmbeddedMongo

@Suite("File lock")
struct FileLockTests {
    @Test("is shared by many, and exclusive for one")
    func modes() async throws {
        try await StoreSandbox.use { sandbox in
            let path = sandbox.folder + "/lock"
            let (first, second) = (try FileLock(path: path), try FileLock(path: path))
            #expect(try first.tryLock(.shared))
            #expect(try second.tryLock(.shared))
            #expect(try !second.tryLock(.exclusive))
            first.release()
            #expect(try second.tryLock(.exclusive))
            #expect(try !FileLock(path: path).tryLock(.shared))
            second.unlock()
            #expect(try FileLock(path: path).tryLock(.exclusive))
            #expect(StoreSandbox.mode(of: path) == 0o600)
        }
    }

    @Test("waits no longer than the deadline, and gets what is given up before")
    func waiting() async throws {
        try await StoreSandbox.use { sandbox in
            let path = sandbox.folder + "/lock"
            let (first, second) = (try FileLock(path: path), try FileLock(path: path))
            #expect(try first.tryLock(.exclusive))
            #expect(try await !second.lock(.exclusive, until: Deadline(after: .milliseconds(50))))
            async let locked = second.lock(.exclusive, until: Deadline(after: .seconds(60)))
            first.release()
            #expect(try await locked)
        }
    }

    @Test("does not pass to a child")
    func childrenInheritNothing() async throws {
        try await StoreSandbox.use { sandbox in
            let lock = try FileLock(path: sandbox.folder + "/lock")
            #expect(try lock.tryLock(.exclusive))
            let output = try await ProgramOutput.of(
                ["/bin/ls", "-l", "/proc/self/fd"],
                environment: [:],
                timeout: .seconds(30)
            )
            #expect(output.ending == .exited(0))
            #expect(!output.text.contains("/lock"))
        }
    }

    @Test("is not made through a symbolic link")
    func link() async throws {
        try await StoreSandbox.use { sandbox in
            let path = sandbox.folder + "/link"
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: sandbox.folder + "/target")
            #expect(throws: EmbeddedMongoError.self) { try FileLock(path: path) }
            #expect(access(sandbox.folder + "/target", F_OK) != 0)
        }
    }
}
