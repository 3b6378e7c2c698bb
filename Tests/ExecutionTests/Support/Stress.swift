import ExperimentModel
import Testing
import TuningMath

@testable import Execution

/// Runs many short attempts, many at once, and stops some of them at some moment; the same ones for the same seed.
struct Stress {
    /// How many attempts ended in which way.
    struct Seen: Sendable {
        var finished = 0
        var stopped = 0
    }

    /// Attempts at once.
    static let slots = 16

    /// What is done to an attempt.
    private enum Fate: Int, CaseIterable { case leave, stopBefore, stopNow, stopPatiently, cancelTask }

    /// What an attempt does.
    private enum Work: Int, CaseIterable { case print, descriptors, fail, missing, orphan, sleep }

    private struct Plan: Sendable {
        var number: Int
        var work: Work
        var fate: Fate
        /// Turns of the scheduler before the fate.
        var turns: Int
    }

    private let lab: Lab
    private let seed: UInt64

    init(_ lab: Lab, seed: UInt64) {
        self.lab = lab
        self.seed = seed
    }

    @discardableResult
    func run(_ count: Int) async throws -> Seen {
        var generator = SeededGenerator(seed: seed)
        let plans = (0..<count).map { number in
            let work = Work.allCases[Int.random(in: 0..<Work.allCases.count, using: &generator)]
            var fate = Fate.allCases[Int.random(in: 0..<Fate.allCases.count, using: &generator)]
            // It would not end by itself.
            if work == .sleep, fate == .leave { fate = .stopNow }
            return Plan(number: number, work: work, fate: fate, turns: Int.random(in: 0..<400, using: &generator))
        }
        return try await withThrowingTaskGroup(of: Seen.self) { group in
            for slot in 0..<Self.slots {
                group.addTask {
                    var seen = Seen()
                    for index in stride(from: slot, to: plans.count, by: Self.slots) {
                        switch try await attempt(plans[index]) {
                        case .finished: seen.finished += 1
                        case .stopped: seen.stopped += 1
                        // Told by the check.
                        case .refused: break
                        }
                    }
                    return seen
                }
            }
            return try await group.reduce(into: Seen()) { sum, part in
                sum.finished += part.finished
                sum.stopped += part.stopped
            }
        }
    }

    private func attempt(_ plan: Plan) async throws -> AttemptResult {
        let command: Command =
            switch plan.work {
            case .print: .arguments(["sh", "-c", "seq 300; echo loss=\(plan.number)"])
            case .descriptors: .arguments(["sh", "-c", "ls /proc/$$/fd; echo loss=\(plan.number)"])
            case .fail: .arguments(["sh", "-c", "exit 7"])
            case .missing: .arguments(["no-such-program"])
            case .orphan: .arguments(["sh", "-c", "sleep 1000 & echo loss=\(plan.number)"])
            case .sleep: .arguments(["sh", "-c", "trap '' TERM; exec sleep 1000"])
            }
        let request = try lab.request(command, attempt: plan.number + 1, grace: 0.02)
        let control = AttemptControl()
        let sink = RecordingSink()
        if plan.fate == .stopBefore { control.stop(.drained) }
        let executor = lab.executor
        let running = Task { await executor.run(request, control: control, sink: sink) }
        for _ in 0..<plan.turns { await Task.yield() }
        switch plan.fate {
        case .leave, .stopBefore: break
        case .stopNow: control.stop(.leaseLost, immediately: true)
        case .stopPatiently: control.stop(.drained)
        case .cancelTask: running.cancel()
        }
        let result = await running.value
        check(result, of: plan, sink)
        return result
    }

    private func check(_ result: AttemptResult, of plan: Plan, _ sink: RecordingSink) {
        switch result {
        case .stopped(let reason, _):
            let expected: StopReason? =
                switch plan.fate {
                case .leave: nil
                case .stopBefore, .stopPatiently: .drained
                case .stopNow: .leaseLost
                case .cancelTask: .cancelled
                }
            #expect(reason == expected, "\(plan)")
        case .refused(let outcome): Issue.record("this machine does not run it: \(outcome.message ?? "") \(plan)")
        case .finished(let outcome):
            #expect(plan.fate != .stopBefore, "\(plan)")
            switch plan.work {
            case .print, .descriptors, .orphan:
                #expect(outcome.cause == .succeeded && outcome.value == Double(plan.number), "\(plan): \(outcome)")
                #expect(sink.observations.map(\.value) == [Double(plan.number)], "\(plan)")
                let lines =
                    plan.work == .print ? (1...300).map(String.init) : plan.work == .orphan ? [] : ["0", "1", "2"]
                #expect(sink.text() == (lines + ["loss=\(plan.number)", ""]).joined(separator: "\n"), "\(plan)")
            case .fail: #expect(outcome.cause == .failed && outcome.exitStatus == 7, "\(plan): \(outcome)")
            case .missing:
                #expect(
                    outcome.cause == .failed && outcome.message?.contains("not found") == true,
                    "\(plan): \(outcome)"
                )
            case .sleep: Issue.record("\(plan) ended by itself: \(outcome)")
            }
        }
    }
}
