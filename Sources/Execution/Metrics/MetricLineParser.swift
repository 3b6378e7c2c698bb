/// Reads metrics from one line of output.
///
/// Two kinds of line report something; every other line is output and nothing else.
/// - A whole line of `name=number` pairs, separated by spaces and commas: `loss=0.25, accuracy=.9 step=4`.
/// - A JSON object: `{"accuracy": 0.93, "step": 4}`. Nested values, texts and truth values are passed over; the tokens
///   `NaN`, `Infinity` and `-Infinity` of Python's `json` are numbers.
public enum MetricLineParser {
    /// Longer lines are not read.
    public static let maximumLineBytes = 64 << 10
    /// Longer names report nothing.
    public static let maximumNameBytes = 256
    /// The name that gives the step of all other values in its line.
    static let stepName = "step"

    /// The reports of a line, without its line end; empty when it is none.
    public static func parse(_ line: some Collection<UInt8>) -> [MetricReport] {
        guard line.count <= maximumLineBytes else { return [] }
        let bytes = trimmed(Array(line))
        guard let first = bytes.first else { return [] }
        return first == UInt8(ascii: "{") ? MetricJSONReader(bytes).reports() : pairs(bytes)
    }

    private static func pairs(_ bytes: ArraySlice<UInt8>) -> [MetricReport] {
        var reports: [MetricReport] = []
        var step: Int64?
        for token in bytes.split(whereSeparator: { isBlank($0) || $0 == UInt8(ascii: ",") }) {
            guard let equals = token.firstIndex(of: UInt8(ascii: "=")), equals > token.startIndex,
                equals - token.startIndex <= maximumNameBytes, let value = number(token[(equals + 1)...]),
                let name = String(validating: token[..<equals], as: UTF8.self)
            else { return [] }
            if name == stepName {
                guard let whole = Int64(exactly: value) else { return [] }
                step = whole
            } else {
                reports.append(MetricReport(name: name, value: value))
            }
        }
        if let step { for index in reports.indices { reports[index].step = step } }
        return reports
    }

    /// `1`, `-.25`, `3.`, `1e-5`, `nan`, `inf`, `-Infinity`; no hexadecimal digits, no separators.
    static func number(_ text: ArraySlice<UInt8>) -> Double? {
        guard !text.isEmpty, text.count <= maximumNameBytes else { return nil }
        var digits = 0
        var index = text.startIndex
        func isDigit() -> Bool { index < text.endIndex && (0x30...0x39).contains(text[index]) }
        if text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") { index += 1 }
        let magnitude = index
        while isDigit() { (digits, index) = (digits + 1, index + 1) }
        if index < text.endIndex, text[index] == UInt8(ascii: ".") {
            index += 1
            while isDigit() { (digits, index) = (digits + 1, index + 1) }
        }
        guard digits > 0 else { return special(text, magnitude: magnitude) }
        if index < text.endIndex, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < text.endIndex, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
                index += 1
            }
            guard isDigit() else { return nil }
            while isDigit() { index += 1 }
        }
        guard index == text.endIndex else { return nil }
        return Double(String(decoding: text, as: UTF8.self))
    }

    private static func special(_ text: ArraySlice<UInt8>, magnitude: Int) -> Double? {
        switch String(decoding: text[magnitude...], as: UTF8.self).lowercased() {
        case "nan": .nan
        case "inf", "infinity": text.first == UInt8(ascii: "-") ? -.infinity : .infinity
        default: nil
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Without blanks at both ends, and without the carriage return of a line end of DOS.
    static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        var slice = bytes[...]
        while let last = slice.last, isBlank(last) || last == UInt8(ascii: "\r") { slice.removeLast() }
        return slice.drop(while: isBlank)
    }
}
