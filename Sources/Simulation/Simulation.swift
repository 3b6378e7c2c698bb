import Coordination
import ExperimentModel

/// Servers, workers and the store in one process on a virtual clock, with faults drawn from a seed.
///
/// The code that runs is that of the programs: `LeaderService`, `WorkerRuntime`, `MemoryTrialStore` and what they use. Equal
/// seeds give equal runs.
public struct Simulation: Sendable {
    /// Virtual time in which everything has to end after the last trouble.
    private static let patience: Duration = .seconds(3600)
    /// Virtual time after which nothing of the trouble is under way any more.
    private static let aftermath: Duration = .seconds(40)
    /// Virtual time in which programs have to leave after the end.
    private static let farewell: Duration = .seconds(200)
    /// Time that a server gets to see what the last person wanted.
    private static let settling: Duration = .seconds(1)

    private let seed: UInt64
    private let breakage: Breakage?
    private let isTraced: Bool

    /// A simulation that has not run.
    /// - Parameters:
    ///   - breakage: a rule of the store to break, to see that it is found.
    ///   - isTraced: whether to keep what happened as text.
    public init(seed: UInt64, breakage: Breakage? = nil, isTraced: Bool = false) {
        self.seed = seed
        self.breakage = breakage
        self.isTraced = isTraced
    }

    /// Runs to the end on the calling thread, which must not be one of Swift's own.
    public func run() -> SimulationReport {
        let scenario: Scenario
        do {
            scenario = try Scenario.draw(seed: seed)
        } catch {
            return SimulationReport(seed: seed, findings: ["no scenario: \(error)"])
        }
        let world = World(seed: seed, scenario: scenario, breakage: breakage, isTraced: isTraced)
        let serving = world.store.start()
        begin(world)
        play(world)
        let findings = world.judge.findings
        if findings.isEmpty { clear(world, serving) }
        return SimulationReport(
            seed: seed,
            findings: world.judge.findings,
            trace: world.trace.all,
            faults: Dictionary(uniqueKeysWithValues: world.counts.all.map { ($0.rawValue, $1) }),
            virtualDuration: world.loop.now,
            workDone: world.loop.workDone,
            trials: world.judge.records.reduce(0) { $0 + $1.trials.count },
            attempts: world.journal.all.count,
            digest: world.loop.digest
        )
    }

    private func begin(_ world: World) {
        world.trace.note("scenario", "\(world.scenario)")
        for (index, definition) in world.scenario.definitions.enumerated() {
            let id = ExperimentID("es000000\(index + 1)")
            world.startClient { store, clock in
                while true {
                    do {
                        _ = try await store.createExperiment(definition, id: id)
                        return
                    } catch let error as TrialStoreError where error.isRetryable {
                        try await clock.sleep(for: Self.settling)
                    }
                }
            }
        }
        for _ in 0..<world.scenario.servers { world.startServer() }
        for _ in 0..<world.scenario.workers { world.startWorker() }
    }

    private func play(_ world: World) {
        let isWrong = { !world.judge.findings.isEmpty }
        let fate = Fate(world: world)
        let people = People(world: world)
        fate.begin()
        people.begin()
        // Without people nothing happens any more once everything has ended.
        let isOver = { world.judge.haveAllEnded && world.scenario.weather.personInterval == nil }
        run(world, until: { isWrong() || isOver() }, limit: world.scenario.troubleDuration)
        if isWrong() { return }

        world.trace.note("scenario", "everything heals")
        heal(world)
        // Clients that are still at it may pause or reopen an experiment.
        let areClientsDone = { world.living { !$0.isServer && !$0.isWorker }.isEmpty }
        run(world, until: { isWrong() || areClientsDone() }, limit: world.loop.now + Self.patience)
        // A call of theirs may take effect after they gave up.
        run(world, until: isWrong, limit: world.loop.now + Self.aftermath)
        people.resumeAll()
        run(world, until: { isWrong() || areClientsDone() }, limit: world.loop.now + Self.patience)
        run(world, until: { isWrong() || world.judge.haveAllEnded }, limit: world.loop.now + Self.patience)
        if isWrong() { return }
        if !world.judge.haveAllEnded { return world.judge.failStuck("the experiments do not end", world) }

        world.trace.note("scenario", "everything has ended, everyone leaves")
        for program in world.living({ _ in true }) { world.leave(program) }
        let haveAllLeft = { world.living { _ in true }.isEmpty && world.journal.open.isEmpty }
        run(world, until: { isWrong() || haveAllLeft() }, limit: world.loop.now + Self.farewell)
        if isWrong() { return }
        for program in world.living({ _ in true }) { world.judge.fail("\(program.node.name) does not leave") }
        world.judge.lookAtEnd()
        let isJudged = Confined(false)
        _ = Task(executorPreference: world.store.node) {
            await world.judge.lookAtReports(in: world.store.memory, excused: world.hurriedWorkers)
            await world.judge.lookAtDecisions(in: world.store.memory)
            isJudged.value = true
        }
        run(world, until: { isJudged.value }, limit: world.loop.now + Self.farewell)
    }

    private func run(_ world: World, until condition: () -> Bool, limit: Duration) {
        if world.loop.run(until: condition, limit: limit) == .tooMuchWork {
            world.judge.failStuck("something runs in a circle", world)
        }
    }

    private func heal(_ world: World) {
        world.isTroubled.value = false
        world.network.calmDown()
        world.store.comeBack()
        for program in world.living({ _ in true }) {
            program.node.reconnect()
            if program.node.isPaused { program.node.resume() }
        }
        world.startServer()
        world.startWorker()
    }

    /// Lets the tasks of dead programs end, so that nothing of this simulation stays in memory.
    private func clear(_ world: World, _ serving: Task<Void, Never>) {
        for program in world.all where program.node.isDead {
            program.task.cancel()
            program.node.reap()
        }
        let areAllOver = { world.all.allSatisfy { $0.hasEnded.value } }
        run(world, until: areAllOver, limit: world.loop.now + Self.patience)
        for program in world.all where !program.hasEnded.value {
            world.judge.fail("\(program.node.name) does not end when it is cancelled")
        }
        serving.cancel()
        run(world, until: { false }, limit: world.loop.now + Self.farewell)
    }
}
