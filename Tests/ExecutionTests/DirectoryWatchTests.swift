import Foundation
import Glibc
import Testing

@testable import Execution

@Suite("Watched directories")
struct DirectoryWatchTests {
    /// Whether it becomes readable; the limit is only reached when it does not.
    private func isReadable(_ watch: DirectoryWatch, milliseconds: Int32 = 60_000) -> Bool {
        var descriptors = [pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)]
        return poll(&descriptors, 1, milliseconds) == 1
    }

    @Test("a file that is made, appended to or moved into place is told of, with its directory")
    func changes() throws {
        let (one, other) = (try TemporaryDirectory(), try TemporaryDirectory())
        let watch = try #require(DirectoryWatch())
        let (first, second) = (watch.add(one.path), watch.add(other.path))
        #expect(first >= 0 && second >= 0 && first != second)
        #expect(watch.changes().watches.isEmpty)
        for text in ["a", "b"] {
            let file = open(one.path + "/m", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            #expect(write(file, text, 1) == 1)
            close(file)
            #expect(isReadable(watch))
            let changes = watch.changes()
            #expect(changes.watches == [first] && !changes.isIncomplete)
        }
        #expect(rename(one.path + "/m", other.path + "/m") == 0)
        #expect(isReadable(watch))
        #expect(watch.changes().watches == [second])
        watch.remove(second)
        _ = watch.changes()
        let file = open(other.path + "/m", O_WRONLY | O_APPEND)
        #expect(write(file, "c", 1) == 1)
        close(file)
        #expect(!isReadable(watch, milliseconds: 0))
        #expect(watch.add("/nonexistent") == -1)
    }
}
