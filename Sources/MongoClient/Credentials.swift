/// Finding and hiding user names and passwords in text.
enum Credentials {
    /// Shorter secrets are not replaced in free text: they would blot out half of every message.
    static let minimumSecretLength = 4
    private static let mask = "***"

    /// The passwords a connection string may hold, as written and percent-decoded; works on malformed ones too.
    static func secrets(in uri: String) -> Set<String> {
        guard let scheme = uri.firstRange(of: "://"), let at = uri[scheme.upperBound...].lastIndex(of: "@"),
            let colon = uri[scheme.upperBound..<at].firstIndex(of: ":")
        else { return [] }
        let password = String(uri[uri.index(after: colon)..<at])
        return Set([password, decodingPercents(password)].filter { $0.count >= minimumSecretLength })
    }

    /// Replaces the secrets, and everything between `://` and `@` of any URI in the text.
    static func redact(_ text: String, secrets: Set<String>) -> String {
        var result = text
        // Longest first, so that a secret inside another one does not leave the rest of it behind.
        for secret in secrets.sorted(by: { ($0.count, $0) > ($1.count, $1) }) where result.contains(secret) {
            result = result.replacing(secret, with: mask)
        }
        return redactURIs(result)
    }

    private static func redactURIs(_ text: String) -> String {
        guard text.contains("://"), text.contains("@") else { return text }
        var result = ""
        var rest = text[...]
        while let scheme = rest.firstRange(of: "://") {
            result += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let end = rest.firstIndex { $0.isWhitespace || $0 == "\"" || $0 == "'" } ?? rest.endIndex
            if let at = rest[..<end].lastIndex(of: "@") {
                result += mask
                rest = rest[at...]
            }
        }
        return result + rest
    }

    private static func decodingPercents(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
