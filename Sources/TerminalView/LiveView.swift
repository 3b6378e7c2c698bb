import CommandLineSupport
import Synchronization
import UnixSignals

/// Paints what a ``LiveFeed`` knows on a terminal: at most four frames a second, and at least one.
public struct LiveView<C: Clock<Duration>>: Sendable {
    /// Shortest time between two frames.
    static var shortestPause: Duration { .milliseconds(250) }

    private let feed: LiveFeed<C>
    private let terminal: LiveTerminal
    private let style: ViewStyle
    private let clock: C

    /// A view of a feed.
    public init(feed: LiveFeed<C>, terminal: LiveTerminal, style: ViewStyle, clock: C) {
        self.feed = feed
        self.terminal = terminal
        self.style = style
        self.clock = clock
    }

    /// Paints until the task is cancelled.
    public func run() async {
        let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let signals = await UnixSignalsSequence(trapping: .sigwinch, .sigcont)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in feed.changes() { wakeUp.yield() }
            }
            group.addTask {
                for await signal in signals {
                    // The shell has written while we were stopped.
                    if signal == .sigcont { terminal.forget() }
                    wakeUp.yield()
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    wakeUp.yield()
                    // Cancelling ends the sleep, and the condition ends the loop.
                    try? await clock.sleep(for: LiveFeed<C>.tick)
                }
            }
            group.addTask {
                for await _ in wakeUps {
                    paint()
                    // Cancelling ends the sleep and the stream.
                    try? await clock.sleep(for: Self.shortestPause)
                }
            }
            await group.waitForAll()
        }
    }

    /// Paints one frame now.
    public func paint() {
        let snapshot = feed.snapshot
        terminal.show { size in
            LiveLayout.lines(snapshot, width: size.lineWidth, height: size.frameHeight, style: style)
        }
    }
}
