import EmbeddedMongo

/// Whether there is a `mongod` for the embedded store, and whether it runs here.
enum MongodCheck {
    /// For every candidate's `--version`.
    static let limit: Duration = .seconds(10)

    /// - Parameters:
    ///   - isNeeded: whether the store is down, so that commands have to start it.
    ///   - hasAVX: whether the processor has AVX; `nil` when that is not known.
    static func judge(_ result: Result<MongodBinary, EmbeddedMongoError>, isNeeded: Bool, hasAVX: Bool?) -> Finding {
        switch result {
        case .success(let binary):
            return Finding(.store, "mongod", .ok, "\(binary.path), version \(binary.version)")
        case .failure(let error):
            var (detail, remedy) = Advice.split(error.description)
            if case .mongodUnusable = error, hasAVX == false {
                detail += "; this processor has no AVX, which MongoDB 5.0 and newer need"
                remedy = "use a server elsewhere: --mongo mongodb://HOST:27017/?replicaSet=NAME"
            }
            return Finding(.store, "mongod", isNeeded ? .fail : .warn, detail, remedy: remedy)
        }
    }

    /// Whether the flags of the first processor name AVX, by the text of `/proc/cpuinfo`; `nil` where it names no flags.
    static func hasAVX(cpuInfo: String) -> Bool? {
        let line = cpuInfo.split(separator: "\n").first { $0.hasPrefix("flags") }
        return line.map { $0.split(separator: " ").contains("avx") }
    }

    static func finding(_ lookup: MongodLookup, isNeeded: Bool) async -> Finding {
        let result: Result<MongodBinary, EmbeddedMongoError>
        do {
            let binary = try await MongodBinary.find(
                explicit: lookup.explicit,
                environment: lookup.environment,
                timeout: limit
            )
            result = .success(binary)
        } catch {
            result = .failure(
                error as? EmbeddedMongoError ?? .setupFailed(step: "mongod --version", reason: "\(error)")
            )
        }
        return judge(result, isNeeded: isNeeded, hasAVX: hasAVX(cpuInfo: ProcessFile.text("/proc/cpuinfo") ?? ""))
    }
}
