/// A release of MongoDB, such as 6.0.5.
public struct MongodVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The oldest release that the store works with.
    public static let minimum = MongodVersion(major: 6, minor: 0, patch: nil)

    /// The first number.
    public let major: Int
    /// The second number.
    public let minor: Int
    /// The third number, nil when it was not given.
    public let patch: Int?

    init(major: Int, minor: Int, patch: Int?) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `6.0.5`, `6.0` or `6.0.5-rc1`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let numbers = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }.split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major: major, minor: minor, patch: numbers.count > 2 ? numbers[2] : nil)
    }

    /// Finds the release in what `mongod --version` prints; nil when that is not the output of a `mongod`.
    init?(versionOutput: String) {
        let marker = "db version v"
        guard let line = versionOutput.split(separator: "\n").first(where: { $0.hasPrefix(marker) }) else { return nil }
        self.init(line.dropFirst(marker.count))
    }

    /// By major, minor and patch number.
    public static func < (left: MongodVersion, right: MongodVersion) -> Bool {
        (left.major, left.minor, left.patch ?? 0) < (right.major, right.minor, right.patch ?? 0)
    }

    /// The numbers with points.
    public var description: String { "\(major).\(minor)" + (patch.map { ".\($0)" } ?? "") }
}
