import Execution
import Logging

/// GPUs of slots: taken before a trial is claimed, given back when it is over or when there is none.
extension WorkerRuntime {
    /// How long a slot rests when other workers of the machine hold the GPUs.
    static var deviceRest: Duration { .seconds(1) }

    /// What a slot may use; `nil` when there is nothing to share out.
    /// - Throws: ``NoDevices`` when others hold them.
    func takeDevices(_ slot: Int) throws -> GPUShare? {
        guard let pool = options.gpus else { return nil }
        do {
            if let share = try pool.take() {
                deviceComplaint = nil
                return share
            }
            complain("the GPUs are held by other workers of this machine")
        } catch {
            complain("\(error)")
        }
        throw NoDevices()
    }

    /// Waits before the next look; returns at once when the worker leaves.
    func restForDevices(_ slot: Int) async {
        guard !isDraining, isTimeKept, !Task.isCancelled else { return }
        setAlarm(.slot(slot), after: Self.deviceRest)
        // Resumed by the alarm, or when the worker leaves or is cancelled.
        await withCheckedContinuation { resting[slot] = $0 }
    }

    private func complain(_ complaint: String) {
        guard deviceComplaint != complaint else { return }
        deviceComplaint = complaint
        logger.warning("a slot waits for \(options.gpus?.perTrial ?? 0) GPUs: \(complaint)")
    }
}

/// There are no GPUs for a slot now.
struct NoDevices: Error {}
