/// Reads a shell text far enough to say in what kind of place each placeholder stands.
///
/// It follows quotes, `$(…)`, backquotes, subshells, comments, `${…}` and arithmetic of POSIX shells and bash. Whatever
/// shells read differently, or what a reader without a full grammar would have to guess (here-documents, `case` within
/// `$( )`, `$'…'`), makes every later place ``ShellPlace/Quoting/unknown(reason:)``: never a guess.
struct ShellScanner {
    private enum Context: Equatable {
        enum End { case text, substitution, subshell, backquote }
        case command(End)
        case doubleQuotes
        case singleQuotes
        /// `${…}`.
        case expansion
        /// `((…))` with the number of open inner parentheses.
        case arithmetic(Int)
        case comment
    }

    /// What a bare value must not touch: `<`, `>`, `(`, and a placeholder, which may be empty.
    private static let joiningSymbols: Set<UInt16> = [0x3C, 0x3E, 0x28, placeholder]

    /// Stands for a placeholder among the bytes.
    private static let placeholder: UInt16 = 256

    /// The place of each placeholder, in order.
    private(set) var places: [ShellPlace] = []
    /// Mistakes that no value could make right.
    private(set) var problems: [String] = []

    private var symbols: [UInt16] = []
    private var index = 0
    private var contexts: [Context] = [.command(.text)]
    private var words = ShellWords()
    /// Why nothing is certain any more, once that is so.
    private var doubt: String?
    private var followsVariable = false
    /// Whether `<<<` is a here-string: bash, zsh and ksh have it, sh need not.
    private let hasHereStrings: Bool

    init(_ pieces: [TemplatePiece], hasHereStrings: Bool = false) {
        self.hasHereStrings = hasHereStrings
        for piece in pieces {
            switch piece {
            case .text(let bytes): symbols += bytes.map { UInt16($0) }
            case .placeholder: symbols.append(Self.placeholder)
            }
        }
        while index < symbols.count { step() }
        if case .command = contexts[contexts.count - 1] { endWord() }
        if let reason = words.secondReading {
            for place in places.indices { places[place].quoting = .unknown(reason: reason) }
        }
    }

    /// Why words cannot be added behind the text; `nil` when they can.
    var reasonNotToAppend: String? {
        if let doubt { return doubt }
        if contexts == [.command(.text)] { return words.reasonNotToAppend }
        return contexts.last == .comment ? "the text ends in a comment" : "the text ends inside quotes or parentheses"
    }

    // MARK: - Steps

    private func peek(_ offset: Int = 0) -> UInt16 {
        index + offset < symbols.count ? symbols[index + offset] : 0
    }

    private func follows(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes in
            bytes.indices.allSatisfy { peek($0) == UInt16(bytes[$0]) }
        }
    }

    private mutating func step() {
        let before = followsVariable
        followsVariable = false
        switch contexts[contexts.count - 1] {
        case .command(let end): commandStep(end, followsVariable: before)
        case .doubleQuotes: doubleQuotesStep(followsVariable: before)
        case .singleQuotes: singleQuotesStep()
        case .expansion: expansionStep()
        case .arithmetic(let open): arithmeticStep(open)
        case .comment: commentStep()
        }
    }

    private mutating func commandStep(_ end: Context.End, followsVariable: Bool) {
        let symbol = peek()
        switch symbol {
        case Self.placeholder:
            add(commandQuoting, mustSeparate: followsVariable || Self.joiningSymbols.contains(peek(1)))
            self.followsVariable = followsVariable
            words.spoil()
        case 0x5C: backslash()
        case 0x27: push(.singleQuotes)
        case 0x22: push(.doubleQuotes)
        case 0x60:
            if end == .backquote { pop() } else { openBackquote(certain: true) }
        case 0x24: dollar(inQuotes: false)
        case 0x23 where words.isAtStart: contexts.append(.comment)
        case 0x3C, 0x3E: redirection()
        case 0x28: openParenthesis()
        case 0x29: closeParenthesis(end)
        case 0x20, 0x09, 0x0A, 0x3B, 0x26, 0x7C:
            endWord()
            words.separate(by: UInt8(truncatingIfNeeded: symbol))
        default: words.append(UInt8(truncatingIfNeeded: symbol))
        }
        index += 1
    }

    private mutating func doubleQuotesStep(followsVariable: Bool) {
        switch peek() {
        case Self.placeholder:
            add(.doubleQuotes, mustSeparate: followsVariable)
            self.followsVariable = followsVariable
        case 0x5C: backslash()
        case 0x22: pop()
        case 0x60: openBackquote(certain: false)
        case 0x24: dollar(inQuotes: true)
        default: break
        }
        index += 1
    }

    private mutating func singleQuotesStep() {
        switch peek() {
        case Self.placeholder: add(.singleQuotes)
        case 0x27: pop()
        case 0x60 where isInBackquotes: doubt(reason: "backquotes are nested")
        default: break
        }
        index += 1
    }

    private mutating func expansionStep() {
        switch peek() {
        case Self.placeholder: add(.unknown(reason: "it is inside ${ }"))
        case 0x7D: pop()
        case 0x5C: backslash()
        case 0x24 where peek(1) == 0x7B: dollar(inQuotes: true)
        case 0x22, 0x27, 0x60: doubt(reason: "there are quotes inside ${ }")
        case 0x24 where peek(1) == 0x28: doubt(reason: "there is $( ) inside ${ }")
        default: break
        }
        index += 1
    }

    private mutating func arithmeticStep(_ open: Int) {
        switch peek() {
        case Self.placeholder: add(.unknown(reason: "it is inside (( )), where the shell computes"))
        case 0x28: contexts[contexts.count - 1] = .arithmetic(open + 1)
        case 0x29 where open > 0: contexts[contexts.count - 1] = .arithmetic(open - 1)
        case 0x29 where peek(1) == 0x29:
            pop()
            index += 1
            if peek(1) == 0x23 { doubt(reason: "\"#\" follows \"))\"") }
        case 0x29: doubt(reason: "\"((\" may begin a subshell or arithmetic; put a space between the parentheses")
        case 0x24: dollar(inQuotes: true)
        case 0x22, 0x27, 0x60, 0x5C, 0x0A: doubt(reason: "there are quotes or line ends inside (( ))")
        default: break
        }
        index += 1
    }

    private mutating func commentStep() {
        switch peek() {
        case Self.placeholder: add(.unknown(reason: "it is in a comment"))
        case 0x0A:
            pop()
            // The line end belongs to the command that the comment follows.
            return
        case 0x60 where isInBackquotes: doubt(reason: "there is a comment in backquotes")
        default: break
        }
        index += 1
    }

    // MARK: - Parts

    private mutating func backslash() {
        if isInBackquotes { doubt(reason: "there is a backslash in backquotes") }
        if peek(1) == 0x0A {
            // The shell removes both before it looks for words and operators, which may go on behind them.
            if index > 0, ![0x20, 0x09, 0x0A].contains(symbols[index - 1]) {
                doubt(reason: "a line is continued within a word")
            }
            index += 1
            return
        }
        words.spoil()
        // The escaped symbol is skipped, unless it is a placeholder: the backslash would meet the first byte of its value.
        guard peek(1) == Self.placeholder else {
            index += 1
            return
        }
        add(.unknown(reason: "it follows a backslash; to write braces, double them"))
        index += 1
    }

    private mutating func dollar(inQuotes: Bool) {
        words.spoil()
        if peek(1) == Self.placeholder {
            problems.append(
                "a placeholder follows a \"$\" directly; the shell would take its value as a variable's name"
            )
        } else if follows("$((") {
            contexts.append(.arithmetic(0))
            index += 2
        } else if follows("$(") {
            contexts.append(.command(.substitution))
            words.begin()
            index += 1
        } else if follows("${ ") || follows("${|") || follows("${\n") || follows("${\t") {
            doubt(reason: "${ } runs a command in some shells")
        } else if follows("${") {
            contexts.append(.expansion)
            index += 1
        } else if follows("$[") {
            doubt(reason: "$[ ] is read differently by different shells; write $(( ))")
        } else if follows("$'"), !inQuotes {
            doubt(reason: "$'…' is read differently by different shells")
        } else {
            variable()
        }
    }

    /// `$name`, or one of the shell's own such as `$#`, whose second character is no syntax.
    private mutating func variable() {
        var length = 0
        while Self.isNameByte(peek(1 + length)) { length += 1 }
        if length > 0 {
            index += length
            followsVariable = true
        } else if "$#!?@*-".utf8.contains(where: { UInt16($0) == peek(1) }) {
            index += 1
        }
    }

    private mutating func openBackquote(certain: Bool) {
        if isInBackquotes {
            doubt(reason: "backquotes are nested")
        } else if certain {
            words.spoil()
            contexts.append(.command(.backquote))
            words.begin()
        } else {
            doubt(reason: "there are backquotes inside double quotes; write $( )")
        }
    }

    private mutating func redirection() {
        endWord()
        words.separate(by: UInt8(truncatingIfNeeded: peek()))
        if follows("<<<"), hasHereStrings {
            index += 2
        } else if follows("<<") {
            doubt(reason: "there is a here-document")
        } else if peek(1) == 0x28 {
            contexts.append(.command(.substitution))
            words.begin()
            index += 1
        }
    }

    private mutating func openParenthesis() {
        let begins = words.isAtStart
        endWord()
        if begins, peek(1) == 0x28 {
            contexts.append(.arithmetic(0))
            index += 1
        } else {
            // In a pattern such as @(#a) it would be no comment.
            if !begins, peek(1) == 0x23 { doubt(reason: "\"(#\" may begin a pattern or a comment") }
            contexts.append(.command(.subshell))
            words.begin()
        }
    }

    private mutating func closeParenthesis(_ end: Context.End) {
        endWord()
        switch end {
        case .substitution: pop()
        case .subshell:
            contexts.removeLast()
            words.closedParenthesis()
        // Of a pattern of case.
        case .text, .backquote: words.closedParenthesis()
        }
    }

    /// How a value is quoted outside quotes.
    private var commandQuoting: ShellPlace.Quoting {
        if words.isInTest { return .unknown(reason: "[[ ]] computes what it compares") }
        return words.isInBrackets ? .unknown(reason: "it may be a subscript, which bash computes") : .word
    }

    private mutating func endWord() {
        let word = words.end()
        if word == "case", contexts.count > 1 { doubt(reason: "there is a case inside parentheses") }
    }

    private mutating func push(_ context: Context) {
        words.spoil()
        contexts.append(context)
    }

    private mutating func pop() {
        contexts.removeLast()
        words.spoil()
    }

    private mutating func add(_ quoting: ShellPlace.Quoting, mustSeparate: Bool = false) {
        let certain = doubt.map { ShellPlace.Quoting.unknown(reason: $0) } ?? quoting
        places.append(ShellPlace(quoting: certain, isInBackquotes: isInBackquotes, mustSeparate: mustSeparate))
    }

    private mutating func doubt(reason: String) {
        if doubt == nil { doubt = reason }
    }

    private var isInBackquotes: Bool { contexts.contains(.command(.backquote)) }

    private static func isNameByte(_ symbol: UInt16) -> Bool {
        (0x30...0x39).contains(symbol) || (0x41...0x5A).contains(symbol) || (0x61...0x7A).contains(symbol)
            || symbol == 0x5F
    }
}
