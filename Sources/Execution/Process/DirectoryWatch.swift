import Glibc

/// Tells in which of some directories a file was written, through inotify.
///
/// Confined to one thread.
final class DirectoryWatch {
    /// Bytes of one look at what happened; more stays for the next.
    private static let bufferBytes = 64 << 10
    /// Made, written or moved into place.
    private static let events = UInt32(IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO)

    /// What happened.
    struct Changes {
        /// Directories, by what ``add(_:)`` returned.
        var watches: Set<Int32> = []
        /// The kernel could not keep it all: anything may have changed.
        var isIncomplete = false
    }

    /// Readable when something has happened.
    let descriptor: Int32

    /// - Returns: `nil` when the system allows no further one; files have to be looked at from time to time then.
    init?() {
        descriptor = inotify_init1(Int32(O_CLOEXEC | O_NONBLOCK))
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Watches a directory, not those in it.
    /// - Returns: its number; -1 when it cannot be watched.
    func add(_ directory: String) -> Int32 {
        inotify_add_watch(descriptor, directory, Self.events | UInt32(IN_ONLYDIR))
    }

    /// Ends the watch of a directory, which may be gone already.
    func remove(_ watch: Int32) { _ = inotify_rm_watch(descriptor, watch) }

    /// What has happened since the last call.
    func changes() -> Changes {
        var changes = Changes()
        withUnsafeTemporaryAllocation(byteCount: Self.bufferBytes, alignment: 16) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    changes.isIncomplete = true
                } else {
                    changes.watches.insert(event.wd)
                }
                offset += MemoryLayout<inotify_event>.size + Int(event.len)
            }
        }
        return changes
    }
}
