/// Sizes for people.
enum ByteText {
    /// `12.3 GiB`, `200 MiB`
    static func text(_ bytes: UInt64) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let rounded = value < 10 && unit > 0 ? (value * 10).rounded() / 10 : value.rounded()
        let digits = rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
        return "\(digits) \(units[unit])"
    }
}
