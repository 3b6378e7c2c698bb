/// The last lines of standard error, made fit for a terminal.
struct ErrorTail: Sendable {
    /// Bytes that are remembered.
    static let maximumBytes = 4 << 10
    /// Lines that are shown.
    static let maximumLines = 20

    private var ring = ByteRing(capacity: Self.maximumBytes)

    mutating func append(_ bytes: UnsafeRawBufferPointer) { ring.append(bytes) }

    /// The text; `nil` when there was no output.
    ///
    /// It is valid UTF-8 without terminal sequences, control and direction characters, but line ends and tabs. Of a line
    /// that was overwritten with carriage returns (a progress bar) only what stood there last remains.
    var text: String? {
        var bytes = ring.bytes[...]
        if bytes.count == Self.maximumBytes {
            // The cut may have gone through a character.
            bytes = bytes.drop { $0 & 0xC0 == 0x80 }
        }
        let lines = Self.plain(String(decoding: bytes, as: UTF8.self))
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.split(separator: "\r", omittingEmptySubsequences: true).last ?? "" }
        let shown = lines.reversed().drop { $0.allSatisfy(\.isWhitespace) }.prefix(Self.maximumLines).reversed()
        return shown.isEmpty ? nil : shown.joined(separator: "\n")
    }

    /// Without terminal sequences and characters that act instead of showing; carriage returns stay.
    private static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "\u{1B}": skipSequence(&scalars)
            case "\n", "\t", "\r": result.append(scalar)
            default:
                let category = scalar.properties.generalCategory
                if category != .control, category != .format { result.append(scalar) }
            }
        }
        // CR LF is one Character and would not be split at its line end.
        return String(result).replacingCRLF()
    }

    private static func skipSequence(_ scalars: inout String.UnicodeScalarView.Iterator) {
        switch scalars.next() {
        case "[":
            while let scalar = scalars.next(), !("\u{40}"..."\u{7E}").contains(scalar) {}
        case "]":
            while let scalar = scalars.next(), scalar != "\u{07}" {
                // ESC \ ends it as well.
                if scalar == "\u{1B}" {
                    _ = scalars.next()
                    return
                }
            }
        default: return
        }
    }
}

extension String {
    fileprivate func replacingCRLF() -> String {
        String(flatMap { $0 == "\r\n" ? ["\n"] : [$0] })
    }
}
