import Foundation
import Glibc

/// A directory of our own that is removed with this value.
final class TemporaryDirectory: Sendable {
    let path: String

    /// Makes one below a directory, which must exist.
    init(in parent: String, prefix: String) throws(WorkspaceError) {
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .unwritable(path: parent, reason: String(cString: strerror(errno)))
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // What cannot be removed is in a place for temporary files.
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
