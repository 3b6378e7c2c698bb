/// How bad things are in one simulation. Most kinds of trouble are absent from most runs, so that each is also seen alone.
struct Weather: Sendable {
    /// One way through the network.
    var latency: ClosedRange<Duration>
    /// Probability and duration of a much slower way.
    var slowness: Double
    var slowLatency: ClosedRange<Duration>
    var requestLoss: Double
    var requestDelay: Double
    var replyLoss: Double
    var eventLoss: Double
    var eventRepetition: Double
    /// Probability that an event comes much later than those after it.
    var eventDelay: Double
    /// Whether a batch of trials may come in two parts, with other writes between them.
    var isPiecemeal: Bool
    /// When a caller gives up a call without an answer.
    var patience: ClosedRange<Duration>
    /// Time between two blows of fate; `nil` when there are none.
    var blowInterval: ClosedRange<Duration>?
    /// Which blows there are.
    var blows: [Blow]
    /// Time between two actions of a person; `nil` when nobody is there.
    var personInterval: ClosedRange<Duration>?

    /// Nothing but short ways.
    static let calm = Weather(
        latency: .microseconds(200)...(.milliseconds(3)),
        slowness: 0,
        slowLatency: .milliseconds(1)...(.milliseconds(2)),
        requestLoss: 0,
        requestDelay: 0,
        replyLoss: 0,
        eventLoss: 0,
        eventRepetition: 0,
        eventDelay: 0,
        isPiecemeal: false,
        patience: .seconds(2)...(.seconds(10)),
        blowInterval: nil,
        blows: [],
        personInterval: nil
    )

    static func draw(_ draws: Draws) -> Weather {
        var weather = calm
        // One run in twenty is undisturbed.
        if draws.chance(0.05) { return weather }
        weather.latency = draws.pick([
            .microseconds(200)...(.milliseconds(3)), .milliseconds(1)...(.milliseconds(40)),
            .milliseconds(1)...(.milliseconds(800)),
        ])
        weather.slowness = draws.pick([0, 0, 0.02, 0.1])
        weather.slowLatency = draws.pick([.milliseconds(100)...(.seconds(1)), .seconds(1)...(.seconds(8))])
        weather.requestLoss = draws.pick([0, 0, 0.01, 0.05, 0.2])
        weather.requestDelay = draws.pick([0, 0, 0.01, 0.05])
        weather.replyLoss = draws.pick([0, 0, 0.01, 0.05, 0.2])
        weather.eventLoss = draws.pick([0, 0, 0.05, 0.5])
        weather.eventRepetition = draws.pick([0, 0, 0.1])
        weather.eventDelay = draws.pick([0, 0, 0.1, 0.4])
        weather.isPiecemeal = draws.chance(0.5)
        weather.blowInterval = draws.pick([
            nil, .milliseconds(200)...(.seconds(3)), .seconds(1)...(.seconds(8)), .seconds(1)...(.seconds(8)),
            .seconds(3)...(.seconds(25)),
        ])
        weather.blows = Blow.allCases.filter { _ in draws.chance(0.5) }
        weather.personInterval = draws.pick([nil, .seconds(2)...(.seconds(15)), .seconds(5)...(.seconds(40))])
        return weather
    }
}

/// Something that happens to a program, or to the store.
enum Blow: Sendable, CaseIterable {
    case killWorker, drainWorker, askWorker, stopWorker, killServer, stopServer, pauseWorker, pauseServer, cutOff,
        storeAway
    case nodeClock, storeClock, storeClockBack
}
