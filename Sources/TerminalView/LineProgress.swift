/// Tells of a feed's changes by lines, where nothing can be drawn over.
public struct LineProgress<C: Clock<Duration>>: Sendable {
    /// Shortest time between two lines for people.
    public static var interval: Duration { .seconds(2) }

    private let feed: LiveFeed<C>
    private let pause: Duration
    private let clock: C
    private let line: @Sendable (LiveSnapshot) -> String?
    private let print: @Sendable (String) -> Void

    /// Progress of a feed.
    /// - Parameters:
    ///   - pause: shortest time between two lines.
    ///   - line: how a picture looks as a line, if it is to have one; only lines that differ from the one before by more
    ///     than the rate are printed.
    public init(
        feed: LiveFeed<C>,
        pause: Duration = Self.interval,
        clock: C,
        line: @escaping @Sendable (LiveSnapshot) -> String? = LiveLayout.plainLine,
        print: @escaping @Sendable (String) -> Void
    ) {
        self.feed = feed
        self.pause = pause
        self.clock = clock
        self.line = line
        self.print = print
    }

    /// Prints until the task is cancelled.
    public func run() async {
        var last: String?
        for await _ in feed.changes() {
            let snapshot = feed.snapshot
            // A rate falls all the time; that alone is no news.
            var essence = snapshot
            essence.ratePerMinute = nil
            if let text = line(snapshot), let news = line(essence), news != last {
                print(text)
                last = news
            }
            // Cancelling ends the sleep and the stream.
            try? await clock.sleep(for: pause)
        }
    }
}
