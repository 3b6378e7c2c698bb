/// The clock of one node: virtual time, ahead by what the node's clock has jumped.
struct VirtualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration = .zero

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    let node: SimulatedNode

    var now: Instant { node.localNow }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = node.newSleeper()
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { node.sleep(id, until: deadline, $0) }
        } onCancel: {
            node.cancelSleep(id)
        }
    }
}
