/// How the trials of one simulation behave.
struct TrialManners: Sendable {
    var duration: ClosedRange<Duration>
    var failureShare: Double
    var noMetricShare: Double
    /// Share of attempts that the machine cannot start.
    var refusedShare: Double
    /// Share of attempts that never end by themselves; only where there is a time-out.
    var hangShare: Double
    /// Whether attempts print and report nothing before their end, like those that take their worker down.
    var isSilent: Bool
    /// Share of attempts that ignore the request to end until they are killed.
    var stubbornShare: Double

    static func draw(_ draws: Draws) -> TrialManners {
        TrialManners(
            duration: draws.pick([
                .milliseconds(50)...(.seconds(1)), .seconds(1)...(.seconds(10)), .seconds(3)...(.seconds(30)),
                .seconds(5)...(.seconds(80)),
            ]),
            failureShare: draws.pick([0, 0, 0.1, 0.5]),
            noMetricShare: draws.pick([0, 0, 0.1]),
            refusedShare: draws.pick([0, 0, 0, 0.1]),
            hangShare: draws.pick([0, 0, 0.1]),
            isSilent: draws.chance(0.3),
            stubbornShare: draws.pick([0, 0.2, 1])
        )
    }
}
