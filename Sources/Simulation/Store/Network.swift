/// What all links share: how bad things are now, and the draws that decide what happens to a message.
final class Network: Sendable {
    let draws: Draws
    let counts: FaultCounts
    private let current: Confined<Weather>

    init(weather: Weather, seed: UInt64, counts: FaultCounts) {
        draws = Draws(seed: seed, purpose: "network")
        current = Confined(weather)
        self.counts = counts
    }

    var weather: Weather { current.value }

    /// From now on nothing is lost.
    func calmDown() { current.value = .calm }

    /// Time that one message takes.
    func travel() -> Duration {
        let weather = current.value
        return draws.duration(in: draws.chance(weather.slowness) ? weather.slowLatency : weather.latency)
    }

    func countLostReply(of call: StoreCall) {
        counts.add(.replyLost)
        switch call {
        case .claim: counts.add(.claimReplyLost)
        case .finish: counts.add(.resultReplyLost)
        default: break
        }
    }
}
