/// How often an attempt that ended for each cause may be repeated.
public struct RetryLimits: Sendable, Hashable, Codable {
    /// Repeats of a trial whose worker vanished, unless the file says otherwise.
    public static let defaultLostCharges = 3
    /// Causes that `retries:` may name.
    public static let retryableCauses: [TrialCause] = [.lost, .failed, .timedOut, .outOfMemory, .noMetric, .notANumber]

    /// Charges per cause as the file gives them.
    public var charges: [TrialCause: Int]

    /// Limits on repeats; what is not named has its default (`lost` 3, else 0).
    public init(charges: [TrialCause: Int] = [:]) { self.charges = charges }

    /// How many repeats a trial may have for `cause`.
    public func allowed(for cause: TrialCause) -> Int {
        charges[cause] ?? (cause == .lost ? Self.defaultLostCharges : 0)
    }

    /// Stored as a mapping from cause to number.
    public init(from decoder: any Decoder) throws {
        let texts = try [String: Int](from: decoder)
        charges = [:]
        for (text, number) in texts {
            guard let cause = TrialCause(rawValue: text) else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is no cause of a trial's end")
                )
            }
            charges[cause] = number
        }
    }

    /// Stored as a mapping from cause to number.
    public func encode(to encoder: any Encoder) throws {
        try Dictionary(uniqueKeysWithValues: charges.map { ($0.rawValue, $1) }).encode(to: encoder)
    }
}
