import Coordination
import Logging

/// Waking up at a known time: for trials that wait for their next attempt, and for slots that rest.
extension WorkerRuntime {
    /// Alarms for trials that come so soon one after the other are one.
    static var alarmTolerance: Duration { .milliseconds(5) }
    /// Least time before trials that were found to be due are looked for again.
    static var shortestAskedWait: Duration { .milliseconds(250) }

    func setAlarm(_ purpose: Alarm<C.Instant>.Purpose, after wait: Duration) {
        let instant = clock.now.advanced(by: wait)
        if purpose == .work {
            let latest = instant.advanced(by: Self.alarmTolerance)
            guard workAlarms.count < AlarmQueue<C.Instant>.largestWorkCount,
                !workAlarms.contains(where: { $0 >= instant && $0 <= latest })
            else { return }
            workAlarms.append(instant)
        }
        alarms.send(Alarm(at: instant, purpose: purpose))
    }

    /// Sees to it that the next repeat of a running experiment is not missed, though no event may have told of it: it was made
    /// before this worker listened.
    func askForRepeats() async {
        for id in rotation.candidates() where !isDraining {
            do {
                guard let left = try await store.timeToNextRepeat(of: id) else { continue }
                let wait = max(left, Self.shortestAskedWait)
                let instant = clock.now.advanced(by: wait)
                // When an earlier one rings, whoever finds nothing asks again.
                if !workAlarms.contains(where: { $0 <= instant }) { setAlarm(.work, after: wait) }
            } catch {
                // It is asked again at the next look.
                logger.debug("the next repeat of \(id) is not known: \(error)")
            }
        }
    }

    func keepTime() async {
        await withDiscardingTaskGroup { group in
            for await alarm in alarms.stream {
                group.addTask {
                    // Cancelling ends the sleep: what is rung then finds nobody, or somebody who is to end.
                    try? await self.clock.sleep(until: alarm.at, tolerance: nil)
                    await self.ring(alarm)
                }
            }
        }
        isTimeKept = false
        wakeResting()
    }

    private func ring(_ alarm: Alarm<C.Instant>) {
        switch alarm.purpose {
        case .work:
            workAlarms.removeAll { $0 == alarm.at }
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
