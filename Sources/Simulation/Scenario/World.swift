import Coordination
import ExperimentModel
import Logging
import WorkerRuntime

/// All programs of one simulation with what lies between them.
final class World: Sendable {
    let seed: UInt64
    let scenario: Scenario
    let loop: SimulationLoop
    let trace: Trace
    let counts = FaultCounts()
    let network: Network
    let journal: Journal
    let judge: Judge
    let store: SimulatedStore
    let settings: CoordinationSettings
    private let executionDraws: Draws
    private let curveDraws: Draws
    private let idDraws: Draws
    private let programs = Confined<[Program]>([])
    /// Whether there is trouble; after it everything heals.
    let isTroubled = Confined(true)
    private let hurried = Confined<Set<WorkerID>>([])
    /// Names of workers that left before everything of theirs was stored.
    private let short = Confined<Set<String>>([])
    private let nodeCount = Confined(0)

    /// What programs are to say of a machine that cannot start attempts, and of a worker that has to leave while the store is
    /// away: its results are kept nowhere here.
    private static let expectedComplaints = ["is given back without charge", "neither the store nor the disk took it"]

    /// What a worker says that leaves before the store has taken everything.
    private static let farewellWithoutReports = "leaves before all reports and output"

    /// A running or dead program.
    struct Program: Sendable {
        var node: SimulatedNode
        var kind: Kind
        var task: Task<Void, Never>
        var hasEnded: Confined<Bool>
    }

    enum Kind: Sendable {
        case server
        case worker(WorkerRuntime<VirtualClock>, SimulatedExecutor)
        case person

        var isServer: Bool { if case .server = self { true } else { false } }
        var isWorker: Bool { if case .worker = self { true } else { false } }
    }

    init(seed: UInt64, scenario: Scenario, breakage: Breakage?, isTraced: Bool) {
        self.seed = seed
        self.scenario = scenario
        loop = SimulationLoop(seed: seed)
        trace = Trace(loop: loop, isOn: isTraced)
        network = Network(weather: scenario.weather, seed: seed, counts: counts)
        journal = Journal(loop: loop)
        judge = Judge(journal: journal, counts: counts, trace: trace)
        let storeNode = SimulatedNode(index: 0, name: "store", loop: loop)
        store = SimulatedStore(node: storeNode, judge: judge, breakage: breakage)
        executionDraws = Draws(seed: seed, purpose: "execution")
        curveDraws = Draws(seed: seed, purpose: "curves")
        idDraws = Draws(seed: seed, purpose: "ids")
        settings = CoordinationSettings(trialLease: .seconds(scenario.leaseSeconds))
    }

    // MARK: Programs

    /// Programs of a kind that have neither died nor ended.
    func living(_ isWanted: (Kind) -> Bool) -> [Program] {
        programs.value.filter { !$0.node.isDead && !$0.hasEnded.value && isWanted($0.kind) }
    }

    var all: [Program] { programs.value }

    private func newNode(_ kind: String) -> SimulatedNode {
        nodeCount.value += 1
        return SimulatedNode(index: nodeCount.value, name: "\(kind)-\(nodeCount.value)", loop: loop)
    }

    func link(_ node: SimulatedNode) -> StoreLink {
        StoreLink(node: node, store: store, network: network, trace: trace)
    }

    func logger(_ node: SimulatedNode) -> Logger {
        Logger(label: node.name) { [trace, judge, short] _ in
            TraceLogHandler(node: node.name, trace: trace) { level, text in
                if text.contains(Self.farewellWithoutReports) { short.value.insert(node.name) }
                if level < .error || Self.expectedComplaints.contains(where: text.contains) { return }
                judge.fail("\(node.name) complains: \(text)")
            }
        }
    }

    func start(_ node: SimulatedNode, _ kind: Kind, _ body: @escaping @Sendable () async throws -> Void) {
        let hasEnded = Confined(false)
        let task = Task(executorPreference: node) { [judge, trace] in
            do {
                try await body()
            } catch {
                if !Task.isCancelled { judge.fail("\(node.name) ended: \(error)") }
            }
            hasEnded.value = true
            trace.note(node.name, "has ended")
        }
        programs.value.append(Program(node: node, kind: kind, task: task, hasEnded: hasEnded))
    }

    func startServer() {
        let node = newNode("server")
        trace.note(node.name, "starts")
        let service = LeaderService(
            store: link(node),
            scope: .all,
            leader: node.name,
            settings: settings,
            clock: VirtualClock(node: node),
            logger: logger(node),
            executor: node
        )
        start(node, .server) { try await service.run() }
    }

    func startWorker() {
        let node = newNode("worker")
        trace.note(node.name, "starts")
        let slots = executionDraws.number(in: scenario.slots)
        let id = WorkerID("\(node.name):1:\(String(idDraws.bits(), radix: 16))")
        let executor = SimulatedExecutor(
            node: node,
            worker: id,
            manners: scenario.manners,
            journal: journal,
            draws: executionDraws,
            curveDraws: curveDraws,
            counts: counts,
            trace: trace
        )
        var options = WorkerOptions(
            slots: slots,
            drainTimeout: executionDraws.pick([.seconds(2), .seconds(60)]),
            exitWhenIdle: isTroubled.value ? executionDraws.pick([nil, nil, nil, .seconds(20)]) : nil,
            spoolDirectory: "/nonexistent",
            jitter: { [executionDraws] in 0.9 + 0.2 * executionDraws.unit() }
        )
        options.bootClock = { node.bootNow }
        let runtime = WorkerRuntime(
            store: link(node),
            executor: executor,
            worker: Worker(id: id, host: node.name, processID: 1, slots: slots, version: "simulated"),
            options: options,
            settings: settings,
            clock: VirtualClock(node: node),
            logger: logger(node)
        )
        start(node, .worker(runtime, executor)) { await runtime.run() }
    }

    /// Runs something on behalf of a person, with a client of its own.
    func startClient(_ body: @escaping @Sendable (StoreLink, VirtualClock) async throws -> Void) {
        let node = newNode("person")
        let link = link(node)
        start(node, .person) { try await body(link, VirtualClock(node: node)) }
    }

    /// Workers that died, were told to stop at once, or left while the store did not answer: what was not stored by then would
    /// wait on disk, which there is none of here.
    var hurriedWorkers: Set<WorkerID> {
        let leftShort = programs.value.compactMap { program -> WorkerID? in
            guard case .worker(_, let executor) = program.kind, short.value.contains(program.node.name) else {
                return nil
            }
            return executor.worker
        }
        return hurried.value.union(leftShort)
    }

    private func noteHurry(_ program: Program) {
        if case .worker(_, let executor) = program.kind { hurried.value.insert(executor.worker) }
    }

    /// Kills a program; nothing of it happens any more.
    func kill(_ program: Program) {
        trace.note(program.node.name, "is killed")
        program.node.kill()
        noteHurry(program)
        if case .worker(_, let executor) = program.kind { executor.orphanAll() }
    }

    /// Asks a program to leave in its own time.
    func leave(_ program: Program) {
        switch program.kind {
        case .worker(let runtime, _):
            trace.note(program.node.name, "is told to leave")
            _ = Task(executorPreference: program.node) { await runtime.drain() }
        case .server, .person:
            trace.note(program.node.name, "is told to leave")
            program.node.post { program.task.cancel() }
        }
    }

    /// Asks a worker to leave now.
    func stop(_ program: Program) {
        guard case .worker(let runtime, _) = program.kind else { return }
        trace.note(program.node.name, "is told to stop at once")
        noteHurry(program)
        _ = Task(executorPreference: program.node) { await runtime.stop() }
    }
}
