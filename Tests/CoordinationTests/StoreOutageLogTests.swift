import Logging
import Synchronization
import Testing

@testable import Coordination

@Suite("What is said of a store that is away")
struct StoreOutageLogTests {
    /// A clock that a test moves; nobody sleeps by it.
    private final class StandingClock: Clock {
        private let current = Mutex(ContinuousClock.now)

        var now: ContinuousClock.Instant { current.withLock { $0 } }
        var minimumResolution: Duration { .nanoseconds(1) }
        func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {}
        func pass(_ duration: Duration) { current.withLock { $0 = $0.advanced(by: duration) } }
    }

    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.all.withLock { $0.append("\(event.level) \(event.message)") } }
    }

    private let clock = StandingClock()
    private let lines = Lines()
    private let log: StoreOutageLog<StandingClock>

    init() {
        let lines = lines
        let logger = Logger(label: "outage") { _ in Handler(lines: lines) }
        log = StoreOutageLog(clock: clock, logger: logger, consequence: "trials run on")
    }

    private func said() -> [String] { lines.all.withLock { $0 } }

    @Test("one line when it begins, one a minute, one at the end, however many calls fail")
    func once() {
        let error = TrialStoreError.unavailable("no route")
        for _ in 0..<1250 {
            log.failed(error)
            clock.pass(.milliseconds(100))
        }
        #expect(log.isAway)
        #expect(log.answered() && !log.answered() && !log.isAway)
        #expect(
            said() == [
                "warning the store is away; trials run on: \(error)",
                "warning the store has been away for 1 min 0 s; trials run on: \(error)",
                "warning the store has been away for 2 min 0 s; trials run on: \(error)",
                "info the store is back after 2 min 5 s",
            ]
        )
    }

    @Test("a store that comes and goes all the time fills no log")
    func flapping() {
        for _ in 0..<50 {
            log.failed(TrialStoreError.unavailable("x"))
            clock.pass(.milliseconds(10))
            #expect(log.answered())
        }
        #expect(said().count == 2)
    }

    @Test(
        "durations are as people say them",
        arguments: [(0.85, "850 ms"), (12, "12 s"), (192, "3 min 12 s"), (7500, "2 h 5 min")]
    )
    func durations(seconds: Double, text: String) {
        #expect(StoreOutageLog<StandingClock>.text(.seconds(seconds)) == text)
    }
}
