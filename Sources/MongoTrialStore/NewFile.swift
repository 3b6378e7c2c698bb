import Foundation
import Synchronization

/// A local file that is being written, piece by piece.
final class NewFile: Sendable {
    private struct Progress {
        var chunks: Int64 = 0
        var bytes: Int64 = 0
    }

    private let path: String
    private let handle: Mutex<FileHandle>
    private let progress = Mutex(Progress())

    /// Makes it; it must not exist, and only its owner may read it.
    init(_ path: String) throws {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
        handle = Mutex(FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    }

    /// Pieces so far.
    var chunks: Int64 { progress.withLock { $0.chunks } }
    /// Bytes so far.
    var bytes: Int64 { progress.withLock { $0.bytes } }

    func append(_ data: [UInt8]) throws {
        try handle.withLock { try $0.write(contentsOf: Data(data)) }
        progress.withLock { progress in
            progress.chunks += 1
            progress.bytes += Int64(data.count)
        }
    }

    /// Takes the file away.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
