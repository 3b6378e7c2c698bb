import Logging

/// Containers of workers that have ended without removing them: they are removed by the next worker of the host.
enum ContainerLeftovers {
    /// Containers that are looked at in one go.
    static let maximumCount = 500

    /// Removes what dead workers of this host have left. Blocks.
    static func remove(_ engine: ContainerEngine, host: String, logger: Logger) {
        guard let here = ProcessIdentity.place() else { return }
        do throws(EngineError) {
            let names = try engine.list(label: ContainerIdentity.hostLabel, host).prefix(maximumCount)
            let states = try engine.inspect(Array(names))
            for name in dead(states, host: host, here: here, ticks: ProcessIdentity.startTicks(of:)) {
                if try engine.remove(name) {
                    logger.warning("container \(name) was left by a worker that has ended, and is removed")
                }
            }
        } catch {
            logger.warning("containers that dead workers may have left could not be looked for: \(error)")
        }
    }

    /// Names of those whose workers have certainly ended; what is not certain is left alone.
    static func dead(
        _ containers: [ContainerState],
        host: String,
        here: (boot: String, namespace: String),
        ticks: (Int32) -> String?
    ) -> [String] {
        containers.filter { container in
            guard container.labels[ContainerIdentity.hostLabel] == host,
                let owner = container.labels[ContainerIdentity.ownerLabel].flatMap({ ProcessIdentity($0) })
            else { return false }
            return owner.hasEnded(seenFrom: here, ticks: ticks)
        }.map(\.name)
    }
}
