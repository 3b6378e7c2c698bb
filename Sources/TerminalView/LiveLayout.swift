import CommandLineSupport
import ExperimentModel
import Inspection

/// Lays out one frame.
public enum LiveLayout {
    /// Rows that a list of running trials may take, however large the terminal is.
    public static let largestRunningRows = 16
    private static let barColumns = 10...40
    /// Columns of the words at the left.
    private static let labelColumns = 9
    /// Rows that one reason may take.
    private static let reasonRows = 4

    /// A line with its importance: the least important go first when rows are scarce.
    private struct Line {
        var content: StyledLine
        var rank: Int
    }

    /// The frame: at most `height` lines of at most `width` columns.
    public static func lines(_ snapshot: LiveSnapshot, width: Int, height: Int, style: ViewStyle) -> [String] {
        var head = [
            Line(content: header(snapshot, width, style), rank: 5),
            Line(content: progress(snapshot, width, style), rank: 0),
            Line(content: labelled("trials", trials(snapshot)), rank: 3),
        ]
        if let best = best(snapshot) { head.append(Line(content: labelled("best", best), rank: 2)) }
        if !snapshot.experiment.state.isTerminal {
            head.append(Line(content: labelled("workers", workers(snapshot)), rank: 4))
        }
        for reason in WaitReason.all(snapshot.circumstances) {
            var rows = wrapped(reason.text, width: width - labelColumns, style)
            if rows.count > reasonRows { rows = Array(rows.prefix(reasonRows - 1)) + [style.mark] }
            for (index, row) in rows.enumerated() {
                let line = labelled(index == 0 ? "waits" : "", StyledLine(row, .notice))
                head.append(Line(content: line, rank: 1))
            }
        }
        while head.count > height, let rank = head.map(\.rank).max(),
            let index = head.lastIndex(where: { $0.rank == rank })
        {
            head.remove(at: index)
        }
        let rows = RunningTable.lines(snapshot, width: width, height: height - head.count, style: style)
        return (head.map(\.content) + rows).map { $0.rendered(width: width, style) }
    }

    /// One line for where nothing can be drawn over: `40 trials: 35 done, …  |  best loss=0.1 (trial 7)  |  12 trials/min`.
    public static func plainLine(_ snapshot: LiveSnapshot) -> String {
        var parts = [Wording.counts(snapshot.counts, failures: snapshot.failures, stopped: snapshot.stopped)]
        if let best = snapshot.best, let value = best.value {
            let metric = Wording.printable(snapshot.experiment.definition.objective.metric)
            parts.append("best \(metric)=\(Wording.number(value)) (trial \(best.id.number))")
        }
        if let rate = snapshot.ratePerMinute { parts.append(Self.rate(rate, of: "trials")) }
        // Times in reasons would make every line a new one.
        parts += WaitReason.all(snapshot.circumstances).map { Wording.printable($0.summary) }
        return parts.joined(separator: "  |  ")
    }

    private static func labelled(_ label: String, _ content: StyledLine) -> StyledLine {
        var line = StyledLine(TextWidth.padded(label, to: labelColumns), .dim)
        line.add(content)
        return line
    }

    private static func header(_ snapshot: LiveSnapshot, _ width: Int, _ style: ViewStyle) -> StyledLine {
        let experiment = snapshot.experiment
        let definition = experiment.definition
        let active = snapshot.activeSeconds.map { "  " + Phrase.elapsed($0) } ?? ""
        let id = " (\(experiment.id))  "
        // The name gives way to what is said behind it.
        // What follows is cut with a mark behind a blank.
        let rest = TextWidth.columns(id) + experiment.state.rawValue.count + active.count + 2
        let room = max(8, width - rest)
        var line = StyledLine(
            TextWidth.truncated(style.shown(definition.name), to: room, mark: style.mark),
            .strong
        )
        line.add(id, .dim)
        line.add(experiment.state.rawValue, tone(experiment.state))
        line.add(active)
        line.add("  \(definition.objective.goal.rawValue) \(definition.objective.metric)", .dim)
        line.add(", \(definition.sampler.kind.rawValue)", .dim)
        if let policies = PolicyPhrase.short(definition.earlyTermination) { line.add(", \(policies)", .dim) }
        return line
    }

    private static func tone(_ state: ExperimentState) -> Tone {
        switch state {
        case .created, .paused: .notice
        case .running, .completed: .good
        case .failed, .cancelled: .bad
        }
    }

    private static func progress(_ snapshot: LiveSnapshot, _ width: Int, _ style: ViewStyle) -> StyledLine {
        let limits = snapshot.experiment.limits
        let share: Double?
        var text: String
        if let most = limits.maxTrials {
            share = most > 0 ? Double(snapshot.finished) / Double(most) : 1
            text = "\(snapshot.finished)/\(most) trials"
        } else if let longest = limits.maxDurationSeconds {
            let active = snapshot.activeSeconds ?? 0
            share = longest > 0 ? active / longest : 1
            text = "\(Phrase.elapsed(min(active, longest)))/\(Phrase.elapsed(longest))"
        } else {
            share = nil
            text = "\(Phrase.count(snapshot.finished, "trial")) finished"
        }
        if let rate = snapshot.ratePerMinute { text += "  \(Self.rate(rate))" }
        if let left = TimeLeft(snapshot).text { text += "  \(left)" }
        let room = width - TextWidth.columns(text) - 4
        guard let share, room >= barColumns.lowerBound else { return StyledLine(text, .strong) }
        let columns = min(room, barColumns.upperBound)
        // Full only when all is done.
        let full = share >= 1 ? columns : Int(max(0, share) * Double(columns))
        let (done, open) = style.isUnicode ? ("█", "░") : ("#", ".")
        var line = StyledLine("[", .dim)
        line.add(String(repeating: done, count: full), .good)
        line.add(String(repeating: open, count: columns - full), .dim)
        line.add("]", .dim)
        line.add("  " + text, .strong)
        return line
    }

    /// `31/min`, or `2.5/h` when that is slow; with a subject `31 trials/min`.
    private static func rate(_ perMinute: Double, of subject: String = "") -> String {
        let subject = subject.isEmpty ? "" : " " + subject
        return perMinute >= 1
            ? "\(Wording.rounded(perMinute.rounded()))\(subject)/min"
            : "\(Wording.rounded((perMinute * 600).rounded() / 10))\(subject)/h"
    }

    private static func trials(_ snapshot: LiveSnapshot) -> StyledLine {
        var line = StyledLine()
        for state in TrialState.allCases where snapshot.count(state) > 0 {
            if line != StyledLine() { line.add(", ") }
            let remark = Wording.remark(state, snapshot.failures, snapshot.stopped)
            line.add("\(snapshot.count(state)) \(state.name)\(remark)", state == .failed ? .bad : .plain)
        }
        if line == StyledLine() { line.add("none yet") }
        return line
    }

    private static func best(_ snapshot: LiveSnapshot) -> StyledLine? {
        guard let best = snapshot.best, let value = best.value else { return nil }
        var line = StyledLine("\(snapshot.experiment.definition.objective.metric)=\(Wording.rounded(value))", .good)
        line.add(" (trial \(best.id.number))  ")
        if best.endingStop != nil { line.add("stopped early  ", .dim) }
        line.add(Wording.assignment(best.assignment))
        return line
    }

    private static func workers(_ snapshot: LiveSnapshot) -> StyledLine {
        let serving = snapshot.serving
        guard !serving.isEmpty else { return StyledLine("none", .notice) }
        let busy = min(snapshot.count(.running), snapshot.slots)
        return StyledLine("\(serving.count) live, \(busy) of \(Phrase.count(snapshot.slots, "slot")) busy")
    }

    /// The text in rows of a width, broken at blanks.
    static func wrapped(_ text: String, width: Int, _ style: ViewStyle) -> [String] {
        var rows: [String] = []
        var row = ""
        for word in style.shown(text).split(separator: " ") {
            if row.isEmpty {
                row = String(word)
            } else if TextWidth.columns(row) + 1 + TextWidth.columns(String(word)) <= width {
                row += " " + word
            } else {
                rows.append(row)
                row = String(word)
            }
        }
        return row.isEmpty ? rows : rows + [row]
    }
}
