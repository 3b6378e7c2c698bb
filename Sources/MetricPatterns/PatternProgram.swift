/// A pattern as instructions for ``PatternMatcher``.
struct PatternProgram: Sendable {
    /// Instructions of one pattern: together with the length of a line they bound the time that a line takes.
    static let maximumInstructions = 1000
    /// Parts of a pattern that are looked at, each as often as it is repeated.
    private static let maximumSteps = 10_000

    enum Instruction: Sendable {
        /// A byte of the set with this number.
        case byte(Int)
        /// The first is preferred.
        case split(Int, Int)
        case jump(Int)
        /// Notes the place.
        case save(Int)
        case assert(PatternAssertion)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ByteSet] = []
    /// Places that are noted: begin and end of the match, and of each named group.
    let slots: Int
    /// What stands in every match; empty when nothing does.
    let requiredText: [UInt8]
    /// With which bytes a match can begin; `nil` when it can be empty.
    private(set) var firstBytes: ByteSet?
    private var steps = 0

    init(_ node: PatternNode, groups: Int) throws(MetricPatternError) {
        slots = 2 * (groups + 1)
        requiredText = node.requiredText
        try emit(.group(0, node))
        try append(.match)
        firstBytes = findFirstBytes()
    }

    private mutating func append(_ instruction: Instruction) throws(MetricPatternError) {
        instructions.append(instruction)
        guard instructions.count <= Self.maximumInstructions else { throw Self.tooLarge }
    }

    private static let tooLarge = MetricPatternError(
        offset: 0,
        message: "the pattern is too large; use smaller numbers in {m,n}"
    )

    private mutating func emit(_ node: PatternNode) throws(MetricPatternError) {
        steps += 1
        guard steps <= Self.maximumSteps else { throw Self.tooLarge }
        switch node {
        case .byte(let set):
            let number = sets.firstIndex(of: set) ?? sets.count
            if number == sets.count { sets.append(set) }
            try append(.byte(number))
        case .assertion(let assertion): try append(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .group(let number, let node):
            try append(.save(2 * number))
            try emit(node)
            try append(.save(2 * number + 1))
        case .alternatives(let nodes): try emit(alternatives: nodes)
        case .repeated(let node, let least, let most, let isGreedy):
            for _ in 0..<least { try emit(node) }
            if let most {
                try emit(node, atMost: most - least, isGreedy)
            } else {
                let split = instructions.count
                try append(.match)
                try emit(node)
                try append(.jump(split))
                branch(at: split, to: split + 1, or: instructions.count, isGreedy)
            }
        }
    }

    private mutating func emit(alternatives nodes: [PatternNode]) throws(MetricPatternError) {
        var jumps: [Int] = []
        for (index, node) in nodes.enumerated() {
            guard index < nodes.count - 1 else {
                try emit(node)
                break
            }
            let split = instructions.count
            try append(.match)
            try emit(node)
            jumps.append(instructions.count)
            try append(.match)
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    /// Each repetition may be the last.
    private mutating func emit(_ node: PatternNode, atMost count: Int, _ isGreedy: Bool) throws(MetricPatternError) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(instructions.count)
            try append(.match)
            try emit(node)
        }
        for split in splits { branch(at: split, to: split + 1, or: instructions.count, isGreedy) }
    }

    private mutating func branch(at place: Int, to body: Int, or end: Int, _ isGreedy: Bool) {
        instructions[place] = isGreedy ? .split(body, end) : .split(end, body)
    }

    private func findFirstBytes() -> ByteSet? {
        var bytes = ByteSet()
        var open = [0]
        var seen: Set<Int> = []
        while let place = open.popLast() {
            guard seen.insert(place).inserted else { continue }
            switch instructions[place] {
            case .byte(let set): bytes.formUnion(sets[set])
            case .split(let first, let second): open += [first, second]
            case .jump(let target): open.append(target)
            case .save, .assert: open.append(place + 1)
            case .match: return nil
            }
        }
        return bytes
    }
}
