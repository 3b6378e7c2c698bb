/// A pattern as a tree.
indirect enum PatternNode: Sendable {
    /// One byte of a set.
    case byte(ByteSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    /// The first that leads to a match wins.
    case alternatives([PatternNode])
    /// A named group, by its number from 1.
    case group(Int, PatternNode)
    /// `most` is `nil` without an upper bound.
    case repeated(PatternNode, least: Int, most: Int?, isGreedy: Bool)

    /// The longest text that stands in everything that the pattern matches; empty when there is none.
    var requiredText: [UInt8] {
        var search = RequiredText()
        search.visit(self)
        return search.finish()
    }
}

/// What a place in the line has to be, without taking up a character.
enum PatternAssertion: Sendable { case lineStart, lineEnd, wordBoundary, noWordBoundary }

/// Goes through a pattern and keeps the longest run of characters that can stand in one way only.
private struct RequiredText {
    private var run: [UInt8] = []
    private var longest: [UInt8] = []

    mutating func visit(_ node: PatternNode) {
        switch node {
        case .byte(let set):
            if let byte = set.single { run.append(byte) } else { endRun() }
        case .assertion: break
        case .sequence(let nodes): for node in nodes { visit(node) }
        case .group(_, let node): visit(node)
        case .alternatives: endRun()
        case .repeated(let node, let least, _, _):
            endRun()
            if least > 0 { visit(node) }
            endRun()
        }
    }

    private mutating func endRun() {
        if run.count > longest.count { longest = run }
        run = []
    }

    mutating func finish() -> [UInt8] {
        endRun()
        return longest
    }
}
