import CommandLineSupport
import Coordination
import ExperimentModel
import TerminalView

/// How the progress of an experiment reaches standard output: a frame that is drawn over, or lines.
struct LiveOutput: Sendable {
    /// How often a run reads its own store while a person looks on.
    static let frameInterval: Duration = .milliseconds(500)

    /// What reads the store.
    let feed: LiveFeed<ContinuousClock>
    private let view: LiveView<ContinuousClock>?
    private let terminal: LiveTerminal?
    private let line: (@Sendable (LiveSnapshot) -> String?)?

    /// Whether a frame can be drawn on standard output.
    static var isLive: Bool {
        TerminalDevice.standardOutput.isTerminal && ViewStyle.isAddressable(CommonOptions.environment)
    }

    /// How reports look on standard output.
    static var style: ViewStyle {
        ViewStyle(environment: CommonOptions.environment, isTerminal: TerminalDevice.standardOutput.isTerminal)
    }

    /// Columns of standard output.
    static var width: Int { (TerminalDevice.standardOutput.size ?? .standard).lineWidth }

    /// Progress of an experiment; call ``finish()`` at the end.
    /// - Parameters:
    ///   - isOurRun: this process leads it; then the store is read at intervals, and not listened to.
    ///   - json: how a picture looks as JSON, when that is what is wanted.
    init(
        _ experiment: Experiment,
        store: any TrialStore,
        settings: CoordinationSettings,
        isOurRun: Bool,
        json: (@Sendable (LiveSnapshot) -> String?)? = nil
    ) {
        let clock = ContinuousClock()
        let isLive = json == nil && Self.isLive
        let interval = isLive ? Self.frameInterval : LineProgress<ContinuousClock>.interval
        feed = LiveFeed(
            store: store,
            experiment: experiment,
            lease: settings.trialLease,
            every: isOurRun ? interval : nil,
            isOurRun: isOurRun,
            clock: clock
        )
        line = json
        if isLive {
            let terminal = LiveTerminal(.standardOutput)
            self.terminal = terminal
            view = LiveView(feed: feed, terminal: terminal, style: Self.style, clock: clock)
        } else {
            terminal = nil
            view = nil
        }
    }

    /// Shows what the feed knows until the task is cancelled.
    func run() async {
        if let view {
            await view.run()
        } else if let line {
            let pause = LiveFeed<ContinuousClock>.shortestPause
            await LineProgress(feed: feed, pause: pause, clock: ContinuousClock(), line: line) { Console.print($0) }
                .run()
        } else {
            await LineProgress(feed: feed, clock: ContinuousClock()) { Console.print($0) }.run()
        }
    }

    /// Brings the frame to its last state.
    func paintLast() async {
        guard let view else { return }
        // Without the store the last frame stays as it is.
        try? await feed.refresh()
        view.paint()
    }

    /// Gives the terminal back.
    func finish() { terminal?.finish() }
}
