import ExperimentModel
import Testing

@testable import Execution

@Suite("Containers and the guard")
struct GuardedContainerTests {
    private static let attempt = GuardedAttempt(TrialID(experiment: ExperimentID("es1a2b3c4"), number: 17), attempt: 2)
    private static let container = GuardedContainer(
        name: "hyper-es1a2b3c4-17-2-00ff",
        runtime: .podman,
        program: "/opt/my engines/podman"
    )
    private static let start = BootInstant(milliseconds: 1000)

    @Test(
        "what is written is read, blanks in a path included",
        arguments: [
            GuardLine.container(container, nil), .container(container, attempt), .gone("hyper-es1a2b3c4-17-2-00ff"),
        ]
    )
    func roundTrip(line: GuardLine) { #expect(GuardLine(line.text) == line) }

    @Test(
        "nothing but a container of ours can be meant",
        arguments: [
            "container hyper-a podman /p", "container db podman /p -", "container --all podman /p -", "gone db",
            "container hyper-a process /p -", "container hyper-a podman p -", "container hyper-a sh /bin/sh x",
            "gone hyper-a b", "container", "container ",
        ]
    )
    func noise(text: String) { #expect(GuardLine(text) == nil) }

    @Test("when the worker has died its containers are removed, twice, before the guard leaves")
    func orphaned() {
        var board = GuardBoard()
        var now = Self.start
        board.take(.container(Self.container, nil), at: now)
        board.take(.container(GuardedContainer(name: "hyper-b", runtime: .docker, program: "/d"), nil), at: now)
        board.take(.gone("hyper-b"), at: now)
        #expect(board.act(at: now).isEmpty)
        board.inputEnded(at: now)
        var removals = 0
        var hasLeft = false
        for _ in 0..<100 where !hasLeft {
            for action in board.act(at: now) {
                switch action {
                case .remove(let container):
                    #expect(container == Self.container)
                    removals += 1
                    // While the engine is at it, it is not asked again.
                    #expect(!board.act(at: now).contains(.remove(container)) && !board.act(at: now).contains(.leave))
                    board.removed(container, at: now)
                case .sweep(let quarry, _): board.swept(quarry, found: 0, at: now)
                case .leave: hasLeft = true
                case .killGroup, .announceEnd: break
                }
            }
            now = board.nextLook(after: now) ?? now.advanced(by: .milliseconds(1))
        }
        #expect(removals == 2 && hasLeft)
    }

    @Test("the container of an exclusive attempt is removed when its lease ends, that of another is not")
    func leaseEnd() {
        var board = GuardBoard()
        let end = Self.start.advanced(by: .seconds(5))
        board.take(.attempt(Self.attempt, end: end), at: Self.start)
        board.take(.container(Self.container, Self.attempt), at: Self.start)
        board.take(.container(GuardedContainer(name: "hyper-b", runtime: .docker, program: "/d"), nil), at: Self.start)
        #expect(board.act(at: Self.start).isEmpty)
        let actions = board.act(at: end)
        #expect(actions.filter { if case .remove = $0 { true } else { false } } == [.remove(Self.container)])
        board.take(.gone(Self.container.name), at: end)
        board.take(.done(Self.attempt), at: end)
        #expect(board.act(at: end.advanced(by: .seconds(60))).isEmpty)
    }

    @Test("one that begins when its lease is over already is removed too")
    func tooLate() {
        var board = GuardBoard()
        board.take(.attempt(Self.attempt, end: Self.start), at: Self.start)
        _ = board.act(at: Self.start)
        board.take(.container(Self.container, Self.attempt), at: Self.start)
        #expect(board.act(at: Self.start).contains(.remove(Self.container)))
    }
}
