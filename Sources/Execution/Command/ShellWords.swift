/// The words of a shell text as ``ShellScanner`` meets them, as far as they change what a value would mean.
struct ShellWords {
    /// Names of programs that run the text after `-c` as a shell does.
    static let shells: Set<String> = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"]
    /// Words that have their arguments read by a shell once more.
    private static let rereading: Set<String> = ["eval", "trap", "let", "ssh", "su", "watch", "parallel"]
    /// Words that end a compound command, behind which no argument can stand.
    private static let compoundEnds: Set<String> = ["fi", "done", "esac", "}", "]]"]

    /// Why values are read twice, so that quoting them once is not enough; `nil` when nothing says so.
    private(set) var secondReading: String?
    /// Whether the next symbol begins a word, so that `#` begins a comment.
    private(set) var isAtStart = true
    /// Between `[[` and `]]`.
    private(set) var isInTest = false

    /// The bytes of the current word; `nil` once it holds anything but plain text.
    private var word: [UInt8]? = []
    private var bracketIsOpen = false
    private var lastWord: String?
    private var lastSeparator: UInt8?
    /// The words so far may be a shell with its options, so that a text after `-c` is a script.
    private var followsShell = false
    private var isFirstWord = true
    /// The last word was an option such as `-o` or `-euo`, whose argument is the next word.
    private var lastOptionTakesName = false
    private var endsWithParenthesis = false

    mutating func append(_ byte: UInt8) {
        word?.append(byte)
        isAtStart = false
        endsWithParenthesis = false
    }

    /// The current word holds quotes, an expansion or a placeholder.
    mutating func spoil() {
        bracketIsOpen = isInBrackets
        word = nil
        isAtStart = false
        endsWithParenthesis = false
    }

    /// A new command begins inside the current one.
    mutating func begin() {
        word = []
        bracketIsOpen = false
        isAtStart = true
        lastWord = nil
        followsShell = false
        isFirstWord = true
    }

    /// Ends the current word and returns it when it was plain text.
    mutating func end() -> String? {
        let hasWord = !isAtStart
        let plain = word.map { String(decoding: $0, as: UTF8.self) }
        word = []
        bracketIsOpen = false
        isAtStart = true
        guard hasWord else { return nil }
        lastSeparator = nil
        lastWord = plain
        let first = isFirstWord
        isFirstWord = false
        guard let plain else {
            // "$SHELL" -c TEXT: the program may be a shell.
            followsShell = first
            return nil
        }
        if plain == "[[" { isInTest = true }
        if plain == "]]" { isInTest = false }
        let name = plain.split(separator: "/").last.map(String.init) ?? plain
        let isOption = plain.hasPrefix("-") || plain.hasPrefix("+")
        if Self.rereading.contains(name) {
            secondReading = "\(name) has its arguments read by a shell once more"
        } else if followsShell, plain.hasPrefix("-"), !plain.hasPrefix("--"), plain.contains("c") {
            secondReading = "the text after \(plain) is read by a second shell"
        }
        let isOptionName = followsShell && lastOptionTakesName
        lastOptionTakesName = isOption && !plain.hasPrefix("--") && plain.lowercased().contains("o")
        followsShell = Self.shells.contains(name) || (followsShell && (isOption || isOptionName))
        return plain
    }

    /// A space, a line end or an operator.
    mutating func separate(by byte: UInt8) {
        let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        if !isBlank {
            lastSeparator = byte
            followsShell = false
            isFirstWord = true
        }
    }

    /// An operator ends what came before it: the next symbol begins a word.
    mutating func closedParenthesis() {
        begin()
        lastSeparator = nil
        endsWithParenthesis = true
    }

    /// Behind an open bracket of the current word, such as the subscript of `name[…]=`.
    var isInBrackets: Bool {
        guard let word, let open = word.lastIndex(of: UInt8(ascii: "[")) else { return bracketIsOpen }
        return !word[open...].contains(UInt8(ascii: "]"))
    }

    /// Why words cannot be added behind a text that ends outside all quotes; `nil` when they can.
    var reasonNotToAppend: String? {
        if let lastSeparator { return "the text ends with \"\(String(UnicodeScalar(lastSeparator)))\"" }
        if let lastWord, Self.compoundEnds.contains(lastWord) { return "the text ends with \"\(lastWord)\"" }
        return endsWithParenthesis ? "the text ends with \")\"" : nil
    }
}
