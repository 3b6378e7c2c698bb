import Foundation
import Glibc

/// A file or directory that only this user can read, for what an engine must be told and nobody else.
enum PrivateFile {
    /// Writes a new file of mode 0600.
    static func write(_ text: String, to path: String) throws(EngineError) {
        if !make(text, at: path) { throw failure(path) }
    }

    /// Makes a new file of mode 0600 with a text. - Returns: whether it did; else `errno` tells why not.
    static func make(_ text: String, at path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = errno
                close(descriptor)
                errno = reason
                return false
            }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
        return true
    }

    /// Makes a new directory of mode 0700 below another, which is made if it is not there.
    static func makeDirectory(in parent: String) throws(EngineError) -> String {
        try makeParents(parent)
        var template = Array("\(parent)/XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw failure(parent) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Makes a directory with those above it, unless it is there.
    static func makeParents(_ path: String) throws(EngineError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .file(path: path, reason: error.localizedDescription)
        }
    }

    private static func failure(_ path: String) -> EngineError {
        .file(path: path, reason: String(cString: strerror(errno)))
    }
}
