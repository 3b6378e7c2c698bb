public import Coordination
import Foundation
import Glibc

/// Writes artifacts of the store into a directory, and nothing outside of it, whatever their names are and whatever links
/// lie there.
public struct ArtifactFetch: Sendable {
    /// What can go wrong beside the store.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A name that would lead elsewhere.
        case hostileName(String)
        /// A place where something else is.
        case taken(String)
        /// A place that cannot be written.
        case unwritable(String, reason: String)
        /// The content is not what was stored.
        case changed(String)
        /// It has been removed since it was listed.
        case gone(String)

        /// What happened and what to do.
        public var description: String {
            switch self {
            case .hostileName(let name):
                "the name \(name.debugDescription) in the store leads out of the directory; nothing was written"
            case .taken(let path): "\(path) exists already; name another --output"
            case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
            case .changed(let name):
                "the content of \(name.debugDescription) is not what the worker stored: somebody changed it in the database"
            case .gone(let name): "\(name.debugDescription) has been removed from the store"
            }
        }
    }

    private let store: any FileStore

    /// Fetches from a store.
    public init(_ store: any FileStore) { self.store = store }

    /// Fetches a file to a path below a directory, which must exist.
    /// - Parameter path: relative to it; directories on the way are made, links on the way refused.
    public func fetch(_ file: StoredFile, to path: String, in directory: String) async throws {
        guard let names = TreePath.names(of: path), !names.isEmpty, TreePath.isPlain(path) else {
            throw Failure.hostileName(path)
        }
        let place = try TemporaryDirectory(in: directory, prefix: ".hyper-fetch-")
        let temporary = place.path + "/file"
        guard try await store.fetchFile(file.name, to: temporary) else { throw Failure.gone(path) }
        try await WorkspaceThreads.run {
            if let expected = file.sha256, try SHA256.hex(ofFileAt: temporary) != expected {
                throw Failure.changed(path)
            }
            // Made for its owner alone while it was incomplete.
            chmod(temporary, try Self.usualMode(place.path + "/probe"))
            try Self.move(temporary, names.map(String.init), directory)
        }
    }

    /// The mode of new files, by making one: asking for the umask would change it for other threads.
    private static func usualMode(_ probe: String) throws(Failure) -> mode_t {
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .unwritable(probe, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status.st_mode & 0o777 : 0o600
    }

    private static func move(_ source: String, _ names: [String], _ directory: String) throws(Failure) {
        var parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw .unwritable(directory, reason: String(cString: strerror(errno))) }
        defer { close(parent) }
        for name in names.dropLast() {
            mkdirat(parent, name, 0o777)
            let next = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else {
                throw .unwritable("\(directory)/\(name)", reason: "it is a link, or no directory")
            }
            close(parent)
            parent = next
        }
        let name = names.last ?? ""
        // Unlike a rename, this replaces nothing.
        guard linkat(AT_FDCWD, source, parent, name, 0) == 0 else {
            if errno == EEXIST { throw .taken("\(directory)/\(names.joined(separator: "/"))") }
            throw .unwritable("\(directory)/\(names.joined(separator: "/"))", reason: String(cString: strerror(errno)))
        }
    }
}
