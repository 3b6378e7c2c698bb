import ExperimentModel
import OrderedCollections
import SearchSpace

/// Turns what a ``LogFollower`` reads into what a person or a program sees.
public struct LogRendering: Sendable {
    /// How output is shown.
    public enum Style: Sendable, Hashable {
        /// The bytes of one trial as they come.
        case raw
        /// Whole lines, each with its trial: `trial 7 | …`, of standard error `trial 7 err| …`.
        case prefixed
        /// A JSON object for each line.
        case json
    }

    private struct Output: Hashable {
        var trial: Int
        var stream: LogChunk.Stream
    }

    private let style: Style
    private let tail: Int?
    private var lines: [Output: LogLines] = [:]
    /// The last lines of what was there at the beginning, while it is read.
    private var held: [Output: [[UInt8]]] = [:]
    private var attempts: [Int: Int] = [:]
    private var caughtUp: Set<Int> = []
    private var isAtLineStart = true

    /// A rendering.
    /// - Parameter tail: of what is there at the beginning, only so many last lines of each output; `nil` means all.
    public init(_ style: Style, tail: Int? = nil) {
        self.style = style
        self.tail = tail
    }

    /// The bytes to print.
    public mutating func render(_ part: LogFollower.Part) -> [UInt8] {
        switch part {
        case .begins(let trial, let attempt): return begin(trial, attempt)
        case .chunk(let chunk): return render(chunk)
        case .caughtUp(let trial):
            caughtUp.insert(trial)
            return release(trial)
        case .isOver(let trial, _): return flush(trial)
        }
    }

    private mutating func begin(_ trial: Int, _ attempt: Int) -> [UInt8] {
        defer { attempts[trial] = attempt }
        guard style != .json, attempts[trial] != nil else { return [] }
        let heading = (isAtLineStart ? "" : "\n") + "==> trial \(trial) attempt \(attempt) <==\n"
        isAtLineStart = true
        return Array(heading.utf8)
    }

    private mutating func render(_ chunk: LogChunk) -> [UInt8] {
        let output = Output(trial: chunk.trial.number, stream: chunk.stream)
        if let tail, !caughtUp.contains(output.trial) {
            held[output, default: []] += lines[output, default: LogLines()].append(chunk.bytes)
            // Cut now and then, not for each line.
            if let count = held[output]?.count, count > 2 * tail { held[output]?.removeFirst(count - tail) }
            return []
        }
        if style == .raw {
            isAtLineStart = chunk.bytes.last.map { $0 == UInt8(ascii: "\n") } ?? isAtLineStart
            return chunk.bytes
        }
        return lines[output, default: LogLines()].append(chunk.bytes).flatMap { line($0, output) }
    }

    /// What was held back for the tail.
    private mutating func release(_ trial: Int) -> [UInt8] {
        guard let tail else { return [] }
        var bytes: [UInt8] = []
        for stream in LogChunk.Stream.allCases {
            let output = Output(trial: trial, stream: stream)
            // A line that has not ended counts as one.
            let rest = style == .raw ? lines[output]?.flush() : nil
            let last = (held.removeValue(forKey: output) ?? []).suffix(max(0, tail - (rest == nil ? 0 : 1)))
            bytes += last.flatMap { line($0, output) }
            if let rest, tail > 0 {
                bytes += rest
                isAtLineStart = false
            }
        }
        return bytes
    }

    private mutating func flush(_ trial: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for stream in LogChunk.Stream.allCases {
            let output = Output(trial: trial, stream: stream)
            if let rest = lines[output]?.flush() { bytes += line(rest, output) }
            lines[output] = nil
        }
        return bytes
    }

    private func line(_ bytes: [UInt8], _ output: Output) -> [UInt8] {
        let end = UInt8(ascii: "\n")
        switch style {
        case .raw: return bytes + [end]
        case .prefixed:
            let mark = output.stream == .stderr ? "trial \(output.trial) err| " : "trial \(output.trial) | "
            return Array(mark.utf8) + bytes + [end]
        case .json:
            let view = ParameterValue.mapping([
                "trial": .integer(Int64(output.trial)),
                "attempt": .integer(Int64(attempts[output.trial] ?? 1)),
                "stream": .string(output.stream.rawValue),
                "line": .string(String(decoding: bytes, as: UTF8.self)),
            ])
            return Array(view.json.utf8) + [end]
        }
    }
}
