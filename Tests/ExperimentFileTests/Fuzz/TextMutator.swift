import TuningMath

/// Damages texts in the ways that people, editors and attackers do; the same generator gives the same texts.
struct TextMutator {
    /// Characters beyond which a text is cut, so that a case stays quick.
    static let maximumLength = 6000
    /// Changes made to one text at most.
    static let maximumChanges = 6

    /// Pieces that mean something to one of the parsers.
    private static let words = [
        "{", "}", "[", "]", "(", ")", ",", ":", ": ", "- ", "\n", "\n  ", "\t", "\r\n", "\u{85}", "\u{2028}",
        "\u{feff}",
        "\u{0}", "'", "\"", "''", "\\", "\\u0000", "\\x41", "#", " # ", "&a ", "*a", "<<: ", "!!str ", "|\n", ">-\n",
        "? ",
        "---\n", "...\n", "%YAML 1.2\n", "~", "null", "None", "true", "True", "no", "012", "0x1F", "1_000", "12:30",
        "1e-5",
        "1e400", "-.5", "3.", "+1", "-0.0", "99999999999999999999", "9223372036854775807", "-9223372036854775808",
        ".inf",
        "nan", "é", "日本", "😀", "e\u{301}", "hp.", "hyperopt.hp.", "hp.choice('c', [", "hp.pchoice('p', [(0.5, ",
        "hp.uniform('u', 0, 1)", "uniform(", "quniform(0, 9, 2)", "normal(0, 1)", "qlognormal(0, 1, 1)", "randint(3)",
        "randint(2, 7)", "uniformint(1, 5)", "float(1e-5, .1, log=True)", "int(1, 9)", "choice(", "range(5)", "dict(a=",
        "list(", "scope.int(", "np.log(2)", "1 - 0.499", "2 ** 70", "label=", "type: ", "type: choice", "options: ",
        "values: ", "probabilities: [0.5, 0.5]", "low: 0", "high: 1", "min: 1", "max: 3", "step: 1", "log: true",
        "q: 1",
        "mu: 0", "sigma: 1", "upper: 4", "when: {", "label: x", "entries: ", "items: ", "constant", "value: ",
        "search_space: ", "objective: ", "limits: ", "initial: ", "sampler: grid", "inputs: ", "space = ", "step",
        "last",
    ]

    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// A text made of one of the corpus, with a few changes.
    mutating func next(from corpus: [String]) -> String {
        var text = Array(corpus[index(below: corpus.count)].unicodeScalars)
        for _ in 0..<(1 + index(below: Self.maximumChanges)) { change(&text, corpus) }
        return String(String.UnicodeScalarView(text.prefix(Self.maximumLength)))
    }

    private mutating func change(_ text: inout [Unicode.Scalar], _ corpus: [String]) {
        switch index(below: 9) {
        case 0: text.removeSubrange(range(in: text.count, atMost: 12))
        case 1: text.removeSubrange(range(in: text.count, atMost: 400))
        case 2: text.replaceSubrange(range(in: text.count, atMost: 8), with: word)
        case 3, 4: text.insert(contentsOf: word, at: index(below: text.count + 1))
        case 5:
            let piece = Array(text[range(in: text.count, atMost: 80)])
            let times = 1 + index(below: 3)
            let place = index(below: text.count + 1)
            text.insert(contentsOf: Array(repeating: piece, count: times).joined(), at: place)
        case 6:
            let other = Array(corpus[index(below: corpus.count)].unicodeScalars)
            let piece = other[range(in: other.count, atMost: 120)]
            text.insert(contentsOf: piece, at: index(below: text.count + 1))
        case 7:
            guard !text.isEmpty, let scalar = Unicode.Scalar(UInt32(index(below: 0x180))) else { return }
            text[index(below: text.count)] = scalar
        default:
            let place = range(in: text.count, atMost: 60)
            text.replaceSubrange(place, with: text[place].reversed())
        }
    }

    private var word: [Unicode.Scalar] {
        mutating get { Array(Self.words[index(below: Self.words.count)].unicodeScalars) }
    }

    private mutating func index(below count: Int) -> Int { Int(generator.wholeNumber(below: UInt64(count))) }

    private mutating func range(in count: Int, atMost length: Int) -> Range<Int> {
        let start = index(below: count + 1)
        return start..<min(count, start + index(below: length + 1))
    }
}
