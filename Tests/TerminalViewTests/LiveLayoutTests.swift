import ExperimentModel
import Testing

@testable import TerminalView

@Suite("Frames")
struct LiveLayoutTests {
    private func frame(
        _ snapshot: LiveSnapshot,
        _ width: Int,
        height: Int = 23,
        _ style: ViewStyle = Pictures.plain
    ) -> [String] {
        LiveLayout.lines(snapshot, width: width, height: height, style: style)
    }

    @Test("80 columns show everything")
    func usual() throws {
        #expect(
            frame(try Pictures.middle(), 79) == [
                "digits (es0000001)  running  1:23  minimize loss, random",
                "[██████████████████░░░░░░░░░░░░░░░░░░░░░░]  18/40 trials  12/min  1m46s left",
                "trials   1 new, 2 running, 17 done, 1 error",
                "best     loss=0.0697015 (trial 3)  x=0.003",
                "workers  2 live, 2 of 3 slots busy",
                "  trial  worker   time  loss  best",
                "     19  node:19  1:23  1 @3  1 @3  █▆▃▁",
                "     20  node:20  1:23  -     -",
            ]
        )
    }

    @Test("40 columns leave out what is least needed")
    func narrow() throws {
        #expect(
            frame(try Pictures.middle(), 39) == [
                "digits (es0000001)  running  1:23  min…",
                "18/40 trials  12/min  1m46s left",
                "trials   1 new, 2 running, 17 done, 1 …",
                "best     loss=0.0697015 (trial 3)  x=0…",
                "workers  2 live, 2 of 3 slots busy",
                "  trial  time  loss",
                "     19  1:23  1 @3  █▆▃▁",
                "     20  1:23  -",
            ]
        )
    }

    @Test("colours are added to the same text, and ASCII stands in where the locale has no more")
    func styles() throws {
        let snapshot = try Pictures.middle()
        let coloured = frame(snapshot, 119, Pictures.coloured)
        #expect(
            coloured[0].hasPrefix("\u{1B}[1mdigits\u{1B}[0m\u{1B}[2m (es0000001)  \u{1B}[0m\u{1B}[32mrunning\u{1B}[0m")
        )
        let plain = coloured.map { line in
            ["1", "2", "31", "32", "33", "0"].reduce(line) { $0.replacing("\u{1B}[\($1)m", with: "") }
        }
        #expect(plain == frame(snapshot, 119))
        let ascii = frame(snapshot, 79, Pictures.ascii)
        #expect(ascii[1] == "[##################......................]  18/40 trials  12/min  1m46s left")
        #expect(ascii[6] == "     19  node:19  1:23  1 @3  1 @3  #+-_")
    }

    @Test("few rows keep the progress, then why it waits, then the best; many trials say how many are not shown")
    func rows() throws {
        var snapshot = try Pictures.middle()
        snapshot.workers = []
        #expect(frame(snapshot, 79, height: 0).isEmpty)
        #expect(frame(snapshot, 79, height: 1).map { String($0.prefix(1)) } == ["["])
        #expect(frame(snapshot, 79, height: 3).map { String($0.prefix(5)) } == ["[████", "best ", "waits"])
        #expect(
            frame(snapshot, 79, height: 3)[2]
                == "waits    1 new trial waits: no live worker (`hyperworker --count 2` starts one)"
        )
        snapshot.running = try (1...40).map { try Pictures.running($0) }
        let lines = frame(snapshot, 79, height: 12)
        #expect(lines.count == 12)
        #expect(lines.last == "  … and 36 more")
        #expect(frame(snapshot, 79, height: 60).last == "  … and 25 more")
    }

    @Test("long reasons are wrapped, so that what to do is not cut off")
    func wrapping() throws {
        var snapshot = try Pictures.middle()
        snapshot.experiment.lead = nil
        #expect(
            frame(snapshot, 39).filter { $0.hasPrefix("waits") || $0.hasPrefix("      ") }.prefix(3) == [
                "waits    no server leads it:", "         `hyperserver start`, or",
                "         `hyperserver run --resume",
            ]
        )
    }

    @Test("an experiment with only a duration shows the time, one without results says so")
    func otherLimits() throws {
        var snapshot = LiveSnapshot(
            experiment: try Pictures.experiment(limits: Limits(maxDurationSeconds: 100)),
            now: Pictures.start + .seconds(25)
        )
        #expect(frame(snapshot, 79)[1] == "[██████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░]  0:25/1:40  1m15s left")
        #expect(frame(snapshot, 79)[2] == "trials   none yet")
        snapshot.experiment.limits = Limits()
        #expect(frame(snapshot, 79)[1] == "0 trials finished  ? left")
    }

    @Test("the plain line has the form that scripts know")
    func plainLine() throws {
        var snapshot = try Pictures.middle()
        #expect(
            LiveLayout.plainLine(snapshot)
                == "21 trials: 1 new, 2 running, 17 done, 1 error  |  best loss=0.0697014745 (trial 3)  |  12 trials/min"
        )
        snapshot.ratePerMinute = nil
        snapshot.best = nil
        snapshot.counts = [.new: 1]
        #expect(LiveLayout.plainLine(snapshot) == "1 trial: 1 new")
        snapshot.silence = .seconds(4)
        #expect(LiveLayout.plainLine(snapshot) == "1 trial: 1 new  |  the store does not answer")
    }
}
