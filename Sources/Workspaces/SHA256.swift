import CCrypto
import Glibc

/// SHA-256 of bytes that come piece by piece, by libcrypto.
struct SHA256: ~Copyable {
    private let context: OpaquePointer?

    init() {
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    borrowing func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    borrowing func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// The digest as 64 hexadecimal digits; nothing may be added afterwards.
    borrowing func finish() -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        EVP_DigestFinal_ex(context, &digest, &count)
        return digest.prefix(Int(count)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// The digest of a text.
    static func hex(of text: String) -> String {
        let digest = SHA256()
        digest.update(text)
        return digest.finish()
    }

    /// The digest of a file's content. Blocks.
    static func hex(ofFileAt path: String) throws -> String {
        let digest = SHA256()
        let file = try LocalFile(reading: path)
        while try file.readPiece({ digest.update($0) }) {}
        return digest.finish()
    }
}
