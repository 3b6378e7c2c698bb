/// Reads a regular expression: the syntax that Python, Perl and Swift have in common, as far as it can be matched in a time
/// that grows with the line only.
struct PatternParser {
    /// Groups within each other.
    static let maximumDepth = 50
    /// The largest number in `{m,n}`.
    static let maximumRepeats = 1000
    /// Named groups of one pattern.
    static let maximumGroups = 16

    /// Names of the groups with the offsets of the names; the first has number 1.
    private(set) var groups: [(name: String, offset: Int)] = []
    private let text: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private var ignoresCase = false

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    mutating func parse() throws(MetricPatternError) -> PatternNode {
        if skip("(?i)") { ignoresCase = true }
        let node = try alternatives()
        guard index == text.count else { throw error("this ) closes no group; write \\) for the character", at: index) }
        return node
    }

    private mutating func alternatives() throws(MetricPatternError) -> PatternNode {
        var nodes = [try sequence()]
        while skip("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
    }

    private mutating func sequence() throws(MetricPatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let next = peek, next != "|", next != ")" { nodes.append(try repeated()) }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func repeated() throws(MetricPatternError) -> PatternNode {
        let start = index
        let node = try atom()
        guard let (least, most) = try quantifier() else { return node }
        if case .assertion = node { throw error("there is nothing to repeat before this", at: start) }
        let isGreedy = !skip("?")
        let next = index
        if skip("+") { throw error("possessive repetition is not supported; remove this +", at: next) }
        if try quantifier() != nil {
            throw error("this repeats a repetition; put what stands before it into (?:…)", at: next)
        }
        return .repeated(node, least: least, most: most, isGreedy: isGreedy)
    }

    private mutating func quantifier() throws(MetricPatternError) -> (least: Int, most: Int?)? {
        if skip("*") { return (0, nil) }
        if skip("+") { return (1, nil) }
        if skip("?") { return (0, 1) }
        let start = index
        guard skip("{") else { return nil }
        let least = number()
        var most = least
        if skip(",") { most = number() } else if least == nil { index = start }
        // As in Python, what is no repetition is text.
        guard index > start, skip("}"), least != nil || most != nil || text[start + 1] == "," else {
            index = start
            return nil
        }
        let limits = (least ?? 0, most)
        guard limits.0 <= Self.maximumRepeats, most ?? 0 <= Self.maximumRepeats else {
            throw error("a repetition has at most \(Self.maximumRepeats) times; use * or +", at: start)
        }
        if let most, most < limits.0 { throw error("the second number is smaller than the first", at: start) }
        return limits
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = peek, ("0"..."9").contains(digit) {
            value = min((value ?? 0) * 10 + Int(digit.value - 0x30), Self.maximumRepeats + 1)
            index += 1
        }
        return value
    }

    private mutating func atom() throws(MetricPatternError) -> PatternNode {
        let start = index
        guard let next = peek else { throw error("the pattern ends too early", at: index) }
        index += 1
        switch next {
        case "(": return try group(from: start)
        case "[": return .byte(try characterClass(from: start))
        case ".": return .byte(.any)
        case "^": return .assertion(.lineStart)
        case "$": return .assertion(.lineEnd)
        case "*", "+", "?":
            throw error("there is nothing to repeat before this; write \\\(next) for the character", at: start)
        case "\\":
            switch try escape(inClass: false) {
            case .set(let set): return .byte(set)
            case .scalar(let scalar): return literal(scalar)
            case .assertion(let assertion): return .assertion(assertion)
            }
        case "{":
            // Not text: it is far more likely to be meant as a repetition.
            index = start
            if try quantifier() != nil { throw error("there is nothing to repeat before this", at: start) }
            index = start + 1
            return literal(next)
        default: return literal(next)
        }
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
        let nodes = Array(String(Character(scalar)).utf8).map { byte in
            PatternNode.byte(ignoresCase ? ByteSet(byte).withBothCases : ByteSet(byte))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    // MARK: - Groups

    private mutating func group(from start: Int) throws(MetricPatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("groups are nested too deeply", at: start) }
        var number: Int?
        if skip("?") {
            if try isNamed(start) { number = try name() }
        }
        let node = try alternatives()
        guard skip(")") else { throw error("this ( has no ); write \\( for the character", at: start) }
        return number.map { .group($0, node) } ?? node
    }

    /// After `(?`: whether a name follows.
    private mutating func isNamed(_ start: Int) throws(MetricPatternError) -> Bool {
        if skip(":") { return false }
        for (mark, what) in [
            ("=", "looking ahead"), ("!", "looking ahead"), ("<=", "looking behind"), ("<!", "looking behind"),
            (">", "an atomic group"), ("P=", "repeating what another group matched"), ("(", "a condition"),
        ] where skip(mark) {
            throw error(
                "\(what) is not supported: a line must be read in a time that grows with its length only",
                at: start
            )
        }
        if skip("P<") || skip("<") { return true }
        throw error("this kind of group is not known; write (?P<name>…), (?:…), or (?i) at the beginning", at: start)
    }

    private mutating func name() throws(MetricPatternError) -> Int {
        let start = index
        while let next = peek, next != ">" { index += 1 }
        var name = String.UnicodeScalarView()
        name.append(contentsOf: text[start..<index])
        let result = String(name)
        guard skip(">") else { throw error("the name of this group has no >", at: start) }
        guard !result.isEmpty else { throw error("this group has no name", at: start) }
        guard !name.contains(where: { $0.properties.generalCategory == .control || $0 == "<" || $0 == "(" }) else {
            throw error("this cannot name a group", at: start)
        }
        guard !groups.contains(where: { $0.name == result }) else {
            throw error("two groups have the same name", at: start)
        }
        guard groups.count < Self.maximumGroups else {
            throw error("a pattern has at most \(Self.maximumGroups) named groups", at: start)
        }
        groups.append((result, start))
        return groups.count
    }

    // MARK: - Classes and escapes

    private mutating func characterClass(from start: Int) throws(MetricPatternError) -> ByteSet {
        var set = ByteSet()
        let isInverted = skip("^")
        var isFirst = true
        while true {
            guard let next = peek else { throw error("this [ has no ]; write \\[ for the character", at: start) }
            let place = index
            index += 1
            if next == "]", !isFirst { break }
            isFirst = false
            guard let low = try member(next, at: place, &set) else { continue }
            guard peek == "-", index + 1 < text.count, text[index + 1] != "]" else {
                set.insert(low)
                continue
            }
            index += 1
            let end = text[index]
            index += 1
            guard let high = try member(end, at: index - 1, &set), low <= high else {
                throw error("this range is empty; write \\- or put - at the end for the character", at: place)
            }
            set.formUnion(ByteSet(low...high))
        }
        if ignoresCase { set = set.withBothCases }
        return isInverted ? set.inverted : set
    }

    /// A single character of a class; `nil` when it was several, which are in the set then.
    private mutating func member(
        _ scalar: Unicode.Scalar,
        at place: Int,
        _ set: inout ByteSet
    ) throws(MetricPatternError) -> UInt8? {
        var found = scalar
        if scalar == "\\" {
            switch try escape(inClass: true) {
            case .set(let several):
                set.formUnion(several)
                return nil
            case .scalar(let escaped): found = escaped
            case .assertion: throw error("this has no meaning between [ and ]", at: place)
            }
        }
        guard found.isASCII else {
            throw error("only ASCII characters may stand between [ and ]; write (?:ä|ö) instead of [äö]", at: place)
        }
        return UInt8(found.value)
    }

    private enum Escape { case set(ByteSet), scalar(Unicode.Scalar), assertion(PatternAssertion) }

    /// What follows a backslash.
    private mutating func escape(inClass: Bool) throws(MetricPatternError) -> Escape {
        let place = index - 1
        guard let next = peek else { throw error("the pattern ends after \\", at: place) }
        index += 1
        switch next {
        case "d": return .set(.digits)
        case "D": return .set(ByteSet.digits.inverted)
        case "w": return .set(.wordBytes)
        case "W": return .set(ByteSet.wordBytes.inverted)
        case "s": return .set(.space)
        case "S": return .set(ByteSet.space.inverted)
        case "t": return .scalar("\t")
        case "r": return .scalar("\r")
        case "f": return .scalar("\u{0C}")
        case "v": return .scalar("\u{0B}")
        case "b" where inClass: return .scalar("\u{08}")
        case "b": return .assertion(.wordBoundary)
        case "B" where !inClass: return .assertion(.noWordBoundary)
        case "A" where !inClass: return .assertion(.lineStart)
        case "Z" where !inClass: return .assertion(.lineEnd)
        case "x":
            let digits = text[index...].prefix(2)
            var value: UInt32 = 0
            for digit in digits {
                guard digit.isASCII, let nibble = Character(digit).hexDigitValue else { break }
                value = value * 16 + UInt32(nibble)
                index += 1
            }
            guard index == place + 4, value < 0x80, let scalar = Unicode.Scalar(value) else {
                throw error("\\x needs two hexadecimal digits, up to 7f", at: place)
            }
            return .scalar(scalar)
        case "n": throw error("a line holds no line end, so \\n never matches", at: place)
        case "1"..."9":
            throw error("repeating what another group matched is not supported", at: place)
        default:
            let isLetter = next.isASCII && (next.properties.isAlphabetic || ("0"..."9").contains(next))
            guard !isLetter else { throw error("\\\(next) is not known", at: place) }
            return .scalar(next)
        }
    }

    // MARK: - Characters

    private var peek: Unicode.Scalar? { index < text.count ? text[index] : nil }

    private mutating func skip(_ mark: String) -> Bool {
        guard text[index...].starts(with: mark.unicodeScalars) else { return false }
        index += mark.unicodeScalars.count
        return true
    }

    private func error(_ message: String, at offset: Int) -> MetricPatternError {
        MetricPatternError(offset: offset, message: message)
    }
}
