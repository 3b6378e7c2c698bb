import CommandLineSupport
import ExperimentModel
import Inspection

/// The running trials of a frame: number, worker, time, last and best value and curve, as far as there is room.
enum RunningTable {
    /// Width below which workers are left out.
    private static let workerFrom = 54
    /// Width below which curves are left out.
    private static let curveFrom = 36
    /// Width below which the best values are left out.
    private static let bestFrom = 60
    private static let workerColumns = 22
    private static let curveColumns = 32
    private static let fewestCurveColumns = 4
    private static let gap = "  "

    /// At most `height` lines, heading included; empty when no trial runs or there is no room for one.
    static func lines(_ snapshot: LiveSnapshot, width: Int, height: Int, style: ViewStyle) -> [StyledLine] {
        let room = min(height - 1, LiveLayout.largestRunningRows)
        guard !snapshot.running.isEmpty, room >= 1 else { return [] }
        // The last row says how many are not shown.
        let count = snapshot.running.count <= room ? snapshot.running.count : room - 1
        let shown = snapshot.running.prefix(count)
        let metric = style.shown(snapshot.experiment.definition.objective.metric)
        let hasWorker = width >= workerFrom
        let hasValues = shown.contains { $0.curve != nil }
        let hasBest = hasValues && width >= bestFrom

        var table: [[String]] = [["trial"] + (hasWorker ? ["worker"] : []) + ["time"]]
        if hasValues { table[0].append(TextWidth.truncated(metric, to: 14, mark: style.mark)) }
        if hasBest { table[0].append("best") }
        for trial in shown {
            var row = cells(trial, snapshot.now, hasWorker, hasValues, style)
            if hasBest { row.append(value(trial.curve?.best)) }
            table.append(row)
        }
        let widths = table[0].indices.map { column in table.map { TextWidth.columns($0[column]) }.max() ?? 0 }
        let used = widths.reduce(0) { $0 + $1 + gap.count }
        let curve = hasValues && width >= curveFrom ? min(curveColumns, width - used - gap.count) : 0

        var lines: [StyledLine] = []
        for (index, row) in table.enumerated() {
            let text = row.indices.map { column in
                let cell = TextWidth.padded(row[column], to: widths[column])
                return column == 0 ? String(repeating: " ", count: cell.count - row[0].count) + row[0] : cell
            }.joined(separator: gap)
            var line = StyledLine(gap + text, index == 0 ? .dim : .plain)
            if index > 0, curve >= fewestCurveColumns, let reports = snapshot.running[index - 1].curve {
                line.add(gap)
                line.add(Sparkline.line(reports, width: curve, isUnicode: style.isUnicode))
            }
            lines.append(line)
        }
        let rest = snapshot.running.count - count
        if rest > 0 { lines.append(StyledLine(gap + "\(style.mark) and \(rest) more", .dim)) }
        return count == 0 ? Array(lines.dropFirst()) : lines
    }

    private static func cells(
        _ running: LiveSnapshot.RunningTrial,
        _ now: Timestamp,
        _ hasWorker: Bool,
        _ hasValues: Bool,
        _ style: ViewStyle
    ) -> [String] {
        let attempt = running.trial.attempts.last
        var cells = [String(running.trial.id.number)]
        if hasWorker {
            cells.append(TextWidth.truncated(style.shown(worker(attempt)), to: workerColumns, mark: style.mark))
        }
        cells.append(attempt.map { Phrase.elapsed((now - $0.claimedAt).inSeconds) } ?? "-")
        if hasValues {
            cells.append(value(running.curve?.last))
        }
        return cells
    }

    private static func value(_ point: CurveSketch.Point?) -> String {
        point.map { "\(Wording.rounded($0.value)) @\($0.step)" } ?? "-"
    }

    /// `host:pid`, without the random bits of the worker's name.
    private static func worker(_ attempt: TrialAttempt?) -> String {
        guard let attempt else { return "-" }
        let parts = attempt.worker.rawValue.split(separator: ":")
        guard parts.count >= 3 else { return attempt.worker.rawValue }
        return parts.dropLast().joined(separator: ":")
    }
}
