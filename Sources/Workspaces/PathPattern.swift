/// One pattern of paths in the form of `.gitignore`.
///
/// `*`, `?` and `[…]` never match `/`; `**` as a whole name matches any number of directories. A pattern with a `/` before its
/// end is anchored at the directory that it belongs to; another matches a name at any depth. `/` at the end means directories
/// only, `!` at the beginning takes back what an earlier pattern said, `\` makes the next character plain. Matching takes
/// time in proportion to pattern times path, whatever they are.
struct PathPattern: Sendable, Hashable {
    /// Bytes of a pattern.
    static let maximumBytes = 1024

    private enum Token: Sendable, Hashable {
        case byte(UInt8)
        /// `?`
        case one
        /// `*`
        case run
        /// `[…]`, as 256 bits.
        case set(ByteSet)
        /// `**/`: any number of directories.
        case directories
        /// `/**` at the end: everything below.
        case below
    }

    /// Whether it takes back what an earlier one said.
    let isNegated: Bool
    /// Whether it matches directories only.
    let isDirectoryOnly: Bool
    /// Whether it is matched against the whole path.
    private let isAnchored: Bool
    private let tokens: [Token]

    /// Reads a line; `nil` for one that is empty or a comment.
    init?(line: some StringProtocol) throws(WorkspaceError) {
        var bytes = Array(line.utf8)
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard bytes.count <= Self.maximumBytes else {
            throw .badPattern(String(line.prefix(40)) + "…", reason: "it is longer than \(Self.maximumBytes) bytes")
        }
        if bytes.first == UInt8(ascii: "#") { return nil }
        // Spaces at the end do not count unless quoted.
        while bytes.last == UInt8(ascii: " ") {
            let quotes = bytes.dropLast().reversed().prefix { $0 == UInt8(ascii: "\\") }.count
            if quotes % 2 == 1 { break }
            bytes.removeLast()
        }
        var isNegated = false
        if bytes.first == UInt8(ascii: "!") {
            isNegated = true
            bytes.removeFirst()
        }
        self.isNegated = isNegated
        guard !bytes.isEmpty, bytes != [UInt8(ascii: "/")] else { return nil }
        isDirectoryOnly = bytes.last == UInt8(ascii: "/")
        if isDirectoryOnly { bytes.removeLast() }
        isAnchored = bytes.contains(UInt8(ascii: "/"))
        if bytes.first == UInt8(ascii: "/") { bytes.removeFirst() }
        guard let tokens = Self.tokens(of: bytes) else {
            throw .badPattern(String(line), reason: "it has a [ without ], or ends in a \\")
        }
        self.tokens = tokens
    }

    /// Whether the pattern matches a path below its directory.
    func matches(_ path: some StringProtocol, isDirectory: Bool) -> Bool {
        if isDirectoryOnly, !isDirectory { return false }
        if isAnchored { return matches(Array(path.utf8)) }
        let bytes = Array(path.utf8)
        let name = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return matches(Array(bytes[name...]))
    }

    // MARK: - Reading

    private static func tokens(of bytes: [UInt8]) -> [Token]? {
        let slash = UInt8(ascii: "/")
        let star = UInt8(ascii: "*")
        var tokens: [Token] = []
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case star:
                let end = bytes[index...].firstIndex { $0 != star } ?? bytes.count
                let beginsName = index == 0 || bytes[index - 1] == slash
                let endsName = end == bytes.count || bytes[end] == slash
                if end - index == 2, beginsName, endsName, end < bytes.count {
                    tokens.append(.directories)
                    index = end + 1
                } else if end - index == 2, beginsName, endsName, index > 0 {
                    tokens.append(.below)
                    index = end
                } else {
                    tokens.append(.run)
                    index = end
                }
            case UInt8(ascii: "?"):
                tokens.append(.one)
                index += 1
            case UInt8(ascii: "["):
                guard let (set, next) = ByteSet.read(bytes, after: index) else { return nil }
                tokens.append(.set(set))
                index = next
            case UInt8(ascii: "\\"):
                guard index + 1 < bytes.count else { return nil }
                tokens.append(.byte(bytes[index + 1]))
                index += 2
            case let byte:
                tokens.append(.byte(byte))
                index += 1
            }
        }
        return tokens
    }

    // MARK: - Matching

    /// Goes through the path once with the set of all places in the pattern that are possible.
    private func matches(_ path: [UInt8]) -> Bool {
        let slash = UInt8(ascii: "/")
        // Place `2 i` is before token i; `2 i + 1` is within a name that `directories` at i is passing over.
        var places = [Bool](repeating: false, count: 2 * tokens.count + 2)
        places[0] = true
        skip(&places)
        for byte in path {
            var next = [Bool](repeating: false, count: places.count)
            for (index, token) in tokens.enumerated() {
                if places[2 * index + 1] { next[byte == slash ? 2 * index : 2 * index + 1] = true }
                guard places[2 * index] else { continue }
                switch token {
                case .byte(let wanted): if byte == wanted { next[2 * index + 2] = true }
                case .one: if byte != slash { next[2 * index + 2] = true }
                case .set(let set): if byte != slash, set.contains(byte) { next[2 * index + 2] = true }
                case .run: if byte != slash { next[2 * index] = true }
                case .directories: next[byte == slash ? 2 * index : 2 * index + 1] = true
                case .below:
                    next[2 * index] = true
                    next[2 * index + 2] = true
                }
            }
            places = next
            skip(&places)
        }
        return places[2 * tokens.count]
    }

    /// What may match nothing is passed over.
    private func skip(_ places: inout [Bool]) {
        for (index, token) in tokens.enumerated() where places[2 * index] {
            if token == .run || token == .directories { places[2 * index + 2] = true }
        }
    }
}

/// A set of bytes: `[a-z_]`, `[!0-9]`, `[[:space:]]`.
struct ByteSet: Sendable, Hashable {
    private var bits: SIMD4<UInt64> = .zero

    func contains(_ byte: UInt8) -> Bool { bits[Int(byte) / 64] & (1 << UInt64(byte % 64)) != 0 }

    private mutating func insert(_ byte: UInt8) { bits[Int(byte) / 64] |= 1 << UInt64(byte % 64) }

    /// Reads the set that begins at `start` with `[`. - Returns: it and the place after it, or `nil` when it has no end.
    static func read(_ bytes: [UInt8], after start: Int) -> (ByteSet, Int)? {
        var set = ByteSet()
        var index = start + 1
        let isInverted = index < bytes.count && (bytes[index] == UInt8(ascii: "!") || bytes[index] == UInt8(ascii: "^"))
        if isInverted { index += 1 }
        var isFirst = true
        while index < bytes.count, isFirst || bytes[index] != UInt8(ascii: "]") {
            isFirst = false
            if bytes[index] == UInt8(ascii: "["), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: ":"),
                let end = bytes[(index + 2)...].firstIndex(of: UInt8(ascii: "]")), end > index + 2,
                bytes[end - 1] == UInt8(ascii: ":")
            {
                guard let isMember = classes[String(decoding: bytes[(index + 2)..<(end - 1)], as: UTF8.self)] else {
                    return nil
                }
                for byte in UInt8.min...UInt8.max where isMember(byte) { set.insert(byte) }
                index = end + 1
                continue
            }
            guard let (low, next) = member(bytes, index) else { return nil }
            index = next
            var high = low
            if index + 1 < bytes.count, bytes[index] == UInt8(ascii: "-"), bytes[index + 1] != UInt8(ascii: "]") {
                guard let (end, next) = member(bytes, index + 1) else { return nil }
                high = end
                index = next
            }
            if low <= high { for byte in low...high { set.insert(byte) } }
        }
        guard index < bytes.count else { return nil }
        if isInverted { set.bits = ~set.bits }
        return (set, index + 1)
    }

    private static func member(_ bytes: [UInt8], _ index: Int) -> (UInt8, Int)? {
        guard bytes[index] == UInt8(ascii: "\\") else { return (bytes[index], index + 1) }
        return index + 1 < bytes.count ? (bytes[index + 1], index + 2) : nil
    }

    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { isLetter($0) || isDigit($0) }, "alpha": isLetter, "blank": { $0 == 32 || $0 == 9 },
        "cntrl": { $0 < 32 || $0 == 127 }, "digit": isDigit, "graph": { (33...126).contains($0) },
        "lower": { (97...122).contains($0) }, "print": { (32...126).contains($0) },
        "punct": { (33...126).contains($0) && !isLetter($0) && !isDigit($0) },
        "space": { $0 == 32 || (9...13).contains($0) }, "upper": { (65...90).contains($0) },
        "xdigit": { isDigit($0) || (65...70).contains($0) || (97...102).contains($0) },
    ]

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
