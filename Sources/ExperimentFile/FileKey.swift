/// One key of the experiment file: what the reader takes for it, and what the reference says of it.
struct FileKey: Sendable {
    /// What may stand behind the key.
    enum Form: Sendable {
        case text
        case number
        case wholeNumber(ClosedRange<Int>)
        case duration
        case truth
        /// One of these words.
        case words([String])
        /// Anything else, in words.
        case other(String)
    }

    /// What a file without the key means.
    enum Absence: Sendable {
        /// It is wrong.
        case mistake
        /// The same as with this value, as YAML.
        case value(String)
        /// Told in words.
        case note(String)
    }

    let name: String
    let form: Form
    let absence: Absence
    /// One line, with code between backquotes.
    let meaning: String
    /// A value as it is written in YAML, on one line.
    let example: String
    /// Whether `hyperserver set` changes it.
    let isLive: Bool

    init(
        _ name: String,
        _ form: Form,
        _ absence: Absence,
        _ meaning: String,
        example: String,
        isLive: Bool = false
    ) {
        self.name = name
        self.form = form
        self.absence = absence
        self.meaning = meaning
        self.example = example
        self.isLive = isLive
    }
}

extension FileKey.Form {
    /// In words, with code between backquotes.
    var text: String {
        switch self {
        case .text: "text"
        case .number: "number"
        case .wholeNumber(let range): "whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration: "duration"
        case .truth: "`true` or `false`"
        case .words(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .other(let text): text
        }
    }
}

extension FileKey.Absence {
    /// In words, with code between backquotes.
    var text: String {
        switch self {
        case .mistake: "**required**"
        case .value(let value): "`\(value)`"
        case .note(let note): note
        }
    }
}

/// A key of the format that this version does not read.
struct LaterKey: Sendable {
    let name: String
    /// What it will be for, in a few words.
    let meaning: String
}
