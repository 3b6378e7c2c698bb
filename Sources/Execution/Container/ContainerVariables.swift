import Foundation
import Glibc

/// How a trial's variables reach its container without standing in an argument, where everybody on the machine could read
/// them.
///
/// An engine's program passes on what is in its own environment (`--env NAME`). What it would take for itself there goes by a
/// file.
struct ContainerVariables: Sendable, Hashable {
    /// Names that engines, or the C library and Go's that they are made with, read themselves.
    private static let engineNames: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
        "NOTIFY_SOCKET", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy",
        "all_proxy", "TERM", "COLUMNS", "TZ", "LOCPATH", "MALLOC_CHECK_", "NLSPATH", "HOSTALIASES", "RES_OPTIONS",
        "LOCALDOMAIN", "GCONV_PATH", "GETCONF_DIR", "EXPERIMENTAL", "IFS", "NO_COLOR",
    ]
    private static let enginePrefixes = [
        "DOCKER_", "CONTAINER", "PODMAN", "BUILDAH_", "BUILDKIT_", "BUILDX_", "COMPOSE_", "STORAGE_", "REGISTRY_",
        "REGISTRIES_",
        "XDG_", "DBUS_", "LD_", "GO", "SSL_CERT", "SSH_", "OTEL_", "NETAVARK", "_", "CNI_", "CGROUP", "SYSTEMD_",
        "OVERRIDE_", "SUPPLEMENTAL_", "TMP", "TEMP", "OCI_", "GPG", "SOURCE_DATE", "GLIBC_", "RES_", "IMAGE_",
    ]

    /// For the environment of the engine's program.
    private(set) var passed: [String: String] = [:]
    /// For a file that it reads.
    private(set) var filed: [String: String] = [:]

    /// Sorts variables by the way they go.
    /// - Throws: ``EngineError/variable(name:)``.
    init(_ variables: [String: String]) throws(EngineError) {
        for (name, value) in variables {
            guard Self.isName(name) else { throw .variable(name: name) }
            if Self.isEngines(name) {
                // A line of the file is a variable.
                guard !value.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { throw .variable(name: name) }
                filed[name] = value
            } else {
                passed[name] = value
            }
        }
    }

    /// Names that go by the environment, sorted.
    var passedNames: [String] { passed.keys.sorted() }

    /// What the file holds; `nil`: none is needed.
    var fileText: String? {
        guard !filed.isEmpty else { return nil }
        return filed.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), first != 0x2D else { return false }
        return name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
                || $0 == 0x2E || $0 == 0x2D
        }
    }

    private static func isEngines(_ name: String) -> Bool {
        engineNames.contains(name) || enginePrefixes.contains { name.hasPrefix($0) }
    }
}
