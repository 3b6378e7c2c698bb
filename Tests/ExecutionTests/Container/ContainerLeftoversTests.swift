import Foundation
import Testing

@testable import Execution

@Suite("Containers of dead workers")
struct ContainerLeftoversTests {
    private static let here = (boot: "boot", namespace: "4")

    private static func container(_ name: String, owner: String?, host: String = "h") -> ContainerState {
        var labels = ["hyper.host": host]
        labels["hyper.owner"] = owner
        return ContainerState(
            name: name,
            hasStarted: true,
            isRunning: true,
            exitStatus: 0,
            isOutOfMemory: false,
            error: "",
            labels: labels
        )
    }

    @Test("only who has certainly ended is dead: another start of the machine, or no such process in this numbering")
    func dead() {
        let containers = [
            Self.container("alive", owner: "boot 4 100 555"), Self.container("number reused", owner: "boot 4 100 444"),
            Self.container("gone", owner: "boot 4 101 555"), Self.container("rebooted", owner: "other 4 100 555"),
            Self.container("elsewhere", owner: "boot 5 101 555"), Self.container("not ours", owner: nil),
            Self.container("nonsense", owner: "boot 4 x"),
            Self.container("other host", owner: "boot 4 101 1", host: "i"),
        ]
        let dead = ContainerLeftovers.dead(containers, host: "h", here: Self.here) { $0 == 100 ? "555" : nil }
        #expect(dead == ["number reused", "gone", "rebooted"])
    }

    @Test("this process knows itself, by a text that can be read again")
    func identity() throws {
        let own = try #require(ProcessIdentity.current())
        #expect(ProcessIdentity(own.text) == own)
        let here = try #require(ProcessIdentity.place())
        #expect(!own.hasEnded(seenFrom: here, ticks: ProcessIdentity.startTicks(of:)))
        #expect(own.process == getpid() && Int64(own.startTicks) != nil)
    }
}
