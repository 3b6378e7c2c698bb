import Glibc

/// The arguments that we give `mongod`, and reading them back from a process that runs.
struct MongodCommandLine: Sendable, Equatable {
    static let replicaSetName = "hyper"
    /// Gigabytes; the store shares its machine with the trials.
    static let cacheSize = "0.25"
    /// Megabytes; the default is 5 % of the disk, far more than change streams need here.
    static let oplogSize = "990"

    let port: Int
    let bindAddresses: String

    init(port: Int, bindAddresses: String) {
        self.port = port
        self.bindAddresses = bindAddresses
    }

    init(port: Int, listening: StoreListening?) {
        self.init(port: port, bindAddresses: listening?.bindAddresses ?? LoopbackPort.host)
    }

    func arguments(program: String, directory: DataDirectory, usesIPv6: Bool) -> [String] {
        [
            program, "--dbpath", directory.databasePath, "--keyFile", directory.keyFile,
            "--replSet", Self.replicaSetName, "--bind_ip", bindAddresses, "--port", String(port),
            "--wiredTigerCacheSizeGB", Self.cacheSize, "--oplogSize", Self.oplogSize, "--nounixsocket",
            // The key file opens the store for us, so nobody else needs the gap before the first user exists.
            "--setParameter", "enableLocalhostAuthBypass=false",
        ] + (usesIPv6 ? ["--ipv6"] : [])
    }

    /// Reads the arguments of a process; nil when it is not a `mongod` that we started for this directory.
    init?(arguments: [String], directory: DataDirectory) {
        func value(of flag: String) -> String? {
            guard let index = arguments.firstIndex(of: flag), index + 1 < arguments.count else { return nil }
            return arguments[index + 1]
        }
        guard value(of: "--dbpath") == directory.databasePath, value(of: "--keyFile") == directory.keyFile,
            let bindAddresses = value(of: "--bind_ip"), let port = value(of: "--port").flatMap({ Int($0) })
        else { return nil }
        self.init(port: port, bindAddresses: bindAddresses)
    }

    /// What `mongod` inherits: nothing secret, and no locale that it might refuse.
    static func environment(from environment: [String: String]) -> [String: String] {
        var kept = environment.filter { ["PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH"].contains($0.key) }
        kept["LC_ALL"] = "C"
        return kept
    }
}
