import ArgumentParser
import CommandLineSupport
import Foundation

/// `hyperchaos recovery`: how long it takes until somebody else has taken over.
struct Recovery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how long it takes until another server, worker or mongod has taken over.",
        discussion: """
            Every figure is by the database's clock, over many kills at moments that are drawn. Leases are as by default \
            unless the line says otherwise. docs/reliability.md explains the lines.
            """
    )

    /// What is measured.
    enum Kind: String, CaseIterable, ExpressibleByArgument, Sendable {
        case leader, server, worker, worker10, primary

        /// For people.
        var label: String {
            switch self {
            case .leader: "leader kill -9 to the next leader's first write"
            case .server: "leader SIGTERM to the next leader's first write"
            case .worker: "worker kill -9 to its trial claimed by another (lease 30 s)"
            case .worker10: "worker kill -9 to its trial claimed by another (HYPER_LEASE_SECONDS=10)"
            case .primary: "primary mongod kill -9 to the next accepted result"
            }
        }
    }

    @Option(help: "Kills of each kind.")
    var kills = 20

    @Option(
        help: ArgumentHelp("Only this: leader, server, worker, worker10 or primary; repeatable.", valueName: "what")
    )
    var only: [Kind] = []

    @Flag(help: "Print one JSON object instead of the table.")
    var json = false

    @OptionGroup
    var programs: ProgramOptions

    static let allowedKills = 1...200

    func validate() throws {
        guard Self.allowedKills.contains(kills) else {
            throw ValidationError("--kills must be from 1 to \(Self.allowedKills.upperBound).")
        }
    }

    func run() async throws {
        var report = RecoveryReport()
        for kind in Kind.allCases where only.isEmpty || only.contains(kind) {
            let scratch = try ScratchDirectory.make(named: "hyper-recovery")
            Console.printError("\(kind.label): \(kills) times, logs in \(scratch.path)")
            let places = try programs.places(scratch: scratch.path)
            let before = Load.now
            defer { TrialProcesses.killAll(of: scratch.path) }
            let samples =
                switch kind {
                case .leader: try await LeaderRecovery(places: places, kills: kills, isClean: false).measure()
                case .server: try await LeaderRecovery(places: places, kills: kills, isClean: true).measure()
                case .worker: try await WorkerRecovery(places: places, kills: kills, leaseSeconds: nil).measure()
                case .worker10: try await WorkerRecovery(places: places, kills: kills, leaseSeconds: 10).measure()
                case .primary: try await PrimaryRecovery(places: places, kills: kills).measure()
                }
            report.add(kind.label, samples, load: (before, Load.now))
            scratch.remove()
        }
        Console.print(json ? try report.json() : report.text)
    }
}
