/// Deals the blows of a simulation, one after the other, until the trouble is over.
struct Fate: Sendable {
    private static let pause: ClosedRange<Duration> = .seconds(1)...(.seconds(50))
    private static let absence: ClosedRange<Duration> = .milliseconds(200)...(.seconds(40))
    private static let clockJump: ClosedRange<Duration> = .seconds(1)...(.seconds(60))
    private static let clockStepBack: ClosedRange<Duration> = .milliseconds(1)...(.seconds(5))
    private static let replacement: ClosedRange<Duration> = .zero...(.seconds(20))
    /// Programs of a kind at most, the dead not counted.
    private static let largestCount = 5

    let world: World
    let draws: Draws

    init(world: World) {
        self.world = world
        draws = Draws(seed: world.seed, purpose: "fate")
    }

    private var loop: SimulationLoop { world.loop }

    /// Plans the first blow; each plans the next.
    func begin() {
        guard let interval = world.scenario.weather.blowInterval, !world.scenario.weather.blows.isEmpty else { return }
        loop.after(draws.duration(in: interval)) {
            guard world.isTroubled.value else { return }
            strike(draws.pick(world.scenario.weather.blows))
            begin()
        }
    }

    private func strike(_ blow: Blow) {
        switch blow {
        case .killWorker: hit(.workerKilled, \.isWorker, world.kill)
        case .drainWorker: hit(.workerDrained, \.isWorker, world.leave)
        case .askWorker: hit(.workerAsked, \.isWorker, ask)
        case .stopWorker: hit(.workerStopped, \.isWorker, world.stop)
        case .killServer: hit(.serverKilled, \.isServer, world.kill)
        case .stopServer: hit(.serverStopped, \.isServer, world.leave)
        case .pauseWorker: hit(.workerPaused, \.isWorker, pause)
        case .pauseServer: hit(.serverPaused, \.isServer, pause)
        case .cutOff:
            guard let program = victim({ !$0.isPerson }) else { return }
            world.counts.add(.nodeCutOff)
            let duration = draws.duration(in: Self.absence)
            world.trace.note(program.node.name, "is cut off from the store for \(duration)")
            program.node.cutOff(for: duration)
        case .storeAway:
            world.counts.add(.storeAway)
            let duration = draws.duration(in: Self.absence)
            world.trace.note("store", "is away for \(duration)")
            world.store.goAway(for: duration)
        case .nodeClock:
            guard let program = victim({ !$0.isPerson }) else { return }
            world.counts.add(.nodeClockJump)
            let jump = draws.duration(in: Self.clockJump)
            world.trace.note(program.node.name, "its clock jumps by \(jump)")
            program.node.jumpClock(by: jump)
        case .storeClock:
            world.counts.add(.storeClockJump)
            let jump = draws.duration(in: Self.clockJump)
            world.trace.note("store", "its clock jumps by \(jump)")
            world.store.jumpClock(by: jump)
        case .storeClockBack:
            world.counts.add(.storeClockBack)
            let jump = draws.duration(in: Self.clockStepBack)
            world.trace.note("store", "its clock steps back by \(jump)")
            world.store.jumpClock(by: .zero - jump)
        }
    }

    private func victim(_ isWanted: (World.Kind) -> Bool) -> World.Program? {
        let living = world.living(isWanted)
        return living.isEmpty ? nil : draws.pick(living)
    }

    /// Strikes one program; one that leaves or dies has a successor after a while.
    private func hit(_ fault: Fault, _ isWanted: (World.Kind) -> Bool, _ action: (World.Program) -> Void) {
        guard let program = victim(isWanted) else { return }
        world.counts.add(fault)
        action(program)
        switch fault {
        case .workerPaused, .serverPaused: break
        default:
            let isServer = program.kind.isServer
            loop.after(draws.duration(in: Self.replacement)) {
                guard world.isTroubled.value, world.living({ $0.isServer == isServer }).count < Self.largestCount else {
                    return
                }
                world.counts.add(isServer ? .serverStarted : .workerStarted)
                if isServer { world.startServer() } else { world.startWorker() }
            }
        }
    }

    private func ask(_ program: World.Program) {
        guard case .worker(_, let executor) = program.kind else { return }
        world.trace.note(program.node.name, "is asked through the store to leave")
        world.startClient { store, _ in
            // A person who gets no answer may give up: then the worker stays.
            _ = try? await store.askToLeave(executor.worker)
        }
    }

    private func pause(_ program: World.Program) {
        let duration = draws.duration(in: Self.pause)
        world.trace.note(program.node.name, "stands still for \(duration)")
        program.node.pause()
        loop.after(duration) {
            guard program.node.isPaused else { return }
            world.trace.note(program.node.name, "goes on")
            program.node.resume()
        }
    }
}

extension World.Kind {
    fileprivate var isPerson: Bool { if case .person = self { true } else { false } }
}
