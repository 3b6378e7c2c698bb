/// Amounts of bytes as people write and read them.
public enum ByteCount {
    /// Most bytes that can be given: 1 EiB.
    public static let largest: Int64 = 1 << 60

    private static let binary: [(name: String, bytes: Double)] = [
        ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40),
    ]
    private static let decimal: [(name: String, bytes: Double)] = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)]

    /// Units as container engines write them, which mean the binary ones.
    private static let short: [(name: String, bytes: Double)] = [
        ("K", 0x1p10), ("M", 0x1p20), ("G", 0x1p30), ("T", 0x1p40),
    ]

    /// Bytes of `10GiB`, `500 MB`, `1.5TiB`, `512m` (MiB, as container engines write it), or a plain number; `nil` when the
    /// text is none of these.
    public static func read(_ text: String) -> Int64? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).drop { $0 == " " }.lowercased()
        let factor: Double?
        switch unit {
        case "", "b": factor = 1
        default: factor = (binary + decimal + short).first { $0.name.lowercased() == unit }?.bytes
        }
        guard let factor, let amount = Double(number), amount * factor <= Double(largest) else { return nil }
        return Int64((amount * factor).rounded())
    }

    /// `17 bytes`, `1.5 MiB`, `12 GiB`
    public static func text(_ bytes: Int64) -> String {
        guard let unit = binary.last(where: { Double(bytes) >= $0.bytes }) else {
            return bytes == 1 ? "1 byte" : "\(bytes) bytes"
        }
        let amount = Double(bytes) / unit.bytes
        let tenths = Int64((amount * 10).rounded())
        return amount < 10 && tenths % 10 != 0
            ? "\(tenths / 10).\(tenths % 10) \(unit.name)" : "\(Int64(amount.rounded())) \(unit.name)"
    }
}
