import Coordination

/// Waking up at a known time: for trials that wait for their next attempt, and for slots that rest.
extension WorkerRuntime {
    func setAlarm(_ purpose: Alarm<C.Instant>.Purpose, after wait: Duration) {
        if purpose == .work {
            guard waitingAlarms < AlarmQueue<C.Instant>.largestWorkCount else { return }
            waitingAlarms += 1
        }
        alarms.send(Alarm(at: clock.now.advanced(by: wait), purpose: purpose))
    }

    func keepTime() async {
        await withDiscardingTaskGroup { group in
            for await alarm in alarms.stream {
                group.addTask {
                    // Cancelling ends the sleep: what is rung then finds nobody, or somebody who is to end.
                    try? await self.clock.sleep(until: alarm.at, tolerance: nil)
                    await self.ring(alarm.purpose)
                }
            }
        }
        isTimeKept = false
        wakeResting()
    }

    private func ring(_ purpose: Alarm<C.Instant>.Purpose) {
        switch purpose {
        case .work:
            waitingAlarms -= 1
            // Several may be due at once: whoever finds one lets the next idle slot look.
            isSweeping = true
            signalWork()
        case .slot(let slot): resting.removeValue(forKey: slot)?.resume()
        }
    }

    func wakeResting() {
        for slot in resting.keys.sorted() { resting.removeValue(forKey: slot)?.resume() }
    }
}
