import Execution
import ExperimentModel

/// A process of the simulation: all its tasks run on this executor, so that it can be paused, killed, and live by a clock of
/// its own.
final class SimulatedNode: TaskExecutor, Sendable {
    private struct Sleeper {
        var deadline: VirtualClock.Instant
        var continuation: UnsafeContinuation<Void, any Error>
    }

    private struct State {
        var isPaused = false
        var isDead = false
        var isReaped = false
        var heldBack: [SimulationLoop.Work] = []
        var clockLead: Duration = .zero
        var lastSleeper = 0
        var sleepers: [Int: Sleeper] = [:]
        /// Cancelled before they slept.
        var awake: Set<Int> = []
        var cutOffUntil: Duration = .zero
        /// What to let go when this process is cleared away, by the time of its making.
        var waiting: [Int: @Sendable () -> Void] = [:]
        var lastWaiting = 0
    }

    let index: Int
    let name: String
    let loop: SimulationLoop
    private let state = Confined(State())

    init(index: Int, name: String, loop: SimulationLoop) {
        self.index = index
        self.name = name
        self.loop = loop
    }

    // MARK: Work

    func enqueue(_ job: consuming ExecutorJob) {
        loop.ready(.job(UnownedJob(job)), on: self)
    }

    /// Does something as a thread of this process would: not while it is paused, and never after its death.
    func post(_ action: @escaping @Sendable () -> Void) { loop.ready(.action(action), on: self) }

    /// Keeps work for later, if this is not the time for it.
    func keepsBack(_ work: SimulationLoop.Work) -> Bool {
        guard state.value.isPaused || state.value.isDead else { return false }
        state.value.heldBack.append(work)
        return true
    }

    // MARK: Fate

    var isPaused: Bool { state.value.isPaused }
    var isDead: Bool { state.value.isDead }
    /// Dead, and its tasks are being cleared away: nothing it asks for is done.
    var isReaped: Bool { state.value.isReaped }

    func pause() { state.value.isPaused = true }

    func resume() {
        state.value.isPaused = false
        releaseWork()
    }

    /// It does nothing any more.
    func kill() {
        state.value.isDead = true
        state.value.isPaused = false
    }

    /// Lets its tasks run to their end, without effect on anything, once they are cancelled.
    func reap() {
        state.value.isReaped = true
        state.value.isDead = false
        state.value.isPaused = false
        releaseWork()
        let waiting = state.value.waiting.sorted { $0.key < $1.key }
        state.value.waiting = [:]
        for (_, letGo) in waiting { letGo() }
    }

    /// Keeps what is to be done for somebody who waits in this process when it is cleared away. - Returns: to forget it by.
    func whenReaped(_ letGo: @escaping @Sendable () -> Void) -> Int {
        state.value.lastWaiting += 1
        state.value.waiting[state.value.lastWaiting] = letGo
        return state.value.lastWaiting
    }

    func forget(_ number: Int) { state.value.waiting[number] = nil }

    private func releaseWork() {
        let work = state.value.heldBack
        state.value.heldBack = []
        for work in work { loop.ready(work, on: self) }
    }

    /// Whether the store is out of its reach.
    var isCutOff: Bool { loop.now < state.value.cutOffUntil }

    func cutOff(for duration: Duration) { state.value.cutOffUntil = loop.now + duration }

    func reconnect() { state.value.cutOffUntil = .zero }

    // MARK: Time

    var localNow: VirtualClock.Instant { VirtualClock.Instant(offset: loop.now + state.value.clockLead) }

    /// The clock of its machine, which its guard shares.
    var bootNow: BootInstant { BootInstant(milliseconds: 0).advanced(by: localNow.offset) }

    /// Moves its clock forward, as after the sleep of a machine.
    func jumpClock(by duration: Duration) {
        state.value.clockLead += duration
        let now = localNow
        for id in state.value.sleepers.filter({ $0.value.deadline <= now }).keys.sorted() { wake(id) }
    }

    func newSleeper() -> Int {
        state.value.lastSleeper += 1
        return state.value.lastSleeper
    }

    func sleep(_ id: Int, until deadline: VirtualClock.Instant, _ continuation: UnsafeContinuation<Void, any Error>) {
        if state.value.awake.remove(id) != nil { return continuation.resume(throwing: CancellationError()) }
        state.value.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
        waitFor(id, deadline)
    }

    private func waitFor(_ id: Int, _ deadline: VirtualClock.Instant) {
        loop.after(localNow.duration(to: deadline)) { [self] in
            guard state.value.sleepers[id] != nil else { return }
            if localNow >= deadline { wake(id) } else { waitFor(id, deadline) }
        }
    }

    private func wake(_ id: Int) { state.value.sleepers.removeValue(forKey: id)?.continuation.resume() }

    func cancelSleep(_ id: Int) {
        if let sleeper = state.value.sleepers.removeValue(forKey: id) {
            sleeper.continuation.resume(throwing: CancellationError())
        } else {
            state.value.awake.insert(id)
        }
    }
}
