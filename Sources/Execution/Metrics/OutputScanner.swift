import ExperimentModel
import MetricPatterns

/// Finds reports in an output of a trial: by patterns, as azureml-core prints them, and in lines of pairs or JSON.
///
/// Each of these ways is a channel of its own: where a script prints a value in two of them, it counts once.
struct OutputScanner {
    /// What `Run.log` of azureml-core prints outside of Azure: the name between this and a colon, the value on the next line.
    private static let azureMark = Array("Attempted to log scalar metric ".utf8)

    private let stream: LogChunk.Stream
    private let patterns: MetricPatternReader?
    private var lines: LineScanner
    /// The metric whose value azureml-core prints on the next line.
    private var announced: String?

    init(_ stream: LogChunk.Stream, patterns: [MetricPattern]) {
        self.stream = stream
        self.patterns = patterns.isEmpty ? nil : MetricPatternReader(patterns)
        let texts = patterns.map { $0.requiredText.isEmpty ? .nothing : LineScanner.Mark.text($0.requiredText) }
        lines = LineScanner(MetricLineScanner.marks + (stream == .stdout ? [.text(Self.azureMark)] : []) + texts)
    }

    /// Takes a block and calls `body` with the reports of each line in it that has some, and the channel that they come by.
    mutating func feed(
        _ block: UnsafeRawBufferPointer,
        _ body: ([MetricReport], ObservationCollector.Channel) -> Void
    ) {
        withLines { lines, scanner in lines.feed(block) { scanner.read($0, $1, body) } }
    }

    /// The stream has ended: what is held is its last line.
    mutating func finish(_ body: ([MetricReport], ObservationCollector.Channel) -> Void) {
        withLines { lines, scanner in lines.finish { scanner.read($0, $1, body) } }
    }

    /// Takes the lines out for a moment: reading one changes what else is here.
    private mutating func withLines(_ body: (inout LineScanner, inout OutputScanner) -> Void) {
        var lines = LineScanner([])
        swap(&lines, &self.lines)
        body(&lines, &self)
        self.lines = lines
    }

    /// - Returns: whether the next line is part of a report.
    private mutating func read(
        _ line: UnsafeRawBufferPointer,
        _ follows: Bool,
        _ body: ([MetricReport], ObservationCollector.Channel) -> Void
    ) -> Bool {
        if follows, let announced, let value = MetricLineParser.number(MetricLineParser.trimmed(Array(line))) {
            body([MetricReport(name: announced, value: value)], .azure)
        }
        announced = nil
        if let reports = patterns?.reports(in: line), !reports.isEmpty { body(reports, .pattern(stream)) }
        if stream == .stdout, let name = Self.azureName(line) {
            announced = name
            return true
        }
        let reports = MetricLineParser.parse(line)
        if !reports.isEmpty { body(reports, .output(stream)) }
        return false
    }

    /// The metric that a line of azureml-core announces.
    private static func azureName(_ line: UnsafeRawBufferPointer) -> String? {
        guard line.starts(with: azureMark), line.count <= azureMark.count + MetricLineParser.maximumNameBytes + 2 else {
            return nil
        }
        let rest = MetricLineParser.trimmed(Array(line))
        guard rest.last == UInt8(ascii: ":"), rest.count > azureMark.count + 1 else { return nil }
        return String(validating: rest.dropFirst(azureMark.count).dropLast(), as: UTF8.self)
    }
}

extension MetricPatternReader {
    /// What a line reports. A number may be followed by what ends a sentence, which a pattern such as `[\d.]+` takes along.
    func reports(in line: UnsafeRawBufferPointer) -> [MetricReport] {
        findings(in: line).compactMap { finding in
            guard finding.name.utf8.count <= MetricLineParser.maximumNameBytes,
                let value = Self.number(line[finding.value])
            else { return nil }
            let step = finding.step.flatMap { Self.number(line[$0]) }.flatMap { Int64(exactly: $0) }
            return MetricReport(name: finding.name, value: value, step: step)
        }
    }

    private static func number(_ text: Slice<UnsafeRawBufferPointer>) -> Double? {
        let trimmed = MetricLineParser.trimmed(Array(text))
        if let number = MetricLineParser.number(trimmed) { return number }
        guard let last = trimmed.last, ".,;:)".utf8.contains(last) else { return nil }
        return MetricLineParser.number(trimmed.dropLast())
    }
}
