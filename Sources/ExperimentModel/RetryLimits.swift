/// How often an attempt that ended for each cause may be repeated.
public struct RetryLimits: Sendable, Hashable, Codable {
    /// Repeats of a trial whose worker vanished, unless the file says otherwise.
    public static let defaultLostCharges = 3
    /// Causes that `retries:` may name.
    public static let retryableCauses: [TrialCause] = [.lost, .failed, .timedOut, .outOfMemory, .noMetric, .notANumber]

    /// Charges per cause as the file gives them.
    public var charges: [TrialCause: Int]
    /// Seconds before the first repeat that is not made at once, as the file gives them; see ``delay(for:charged:)``.
    public var firstDelaySeconds: Double?

    /// Limits on repeats; what is not named has its default (`lost` 3, else 0).
    public init(charges: [TrialCause: Int] = [:], firstDelaySeconds: Double? = nil) {
        self.charges = charges
        self.firstDelaySeconds = firstDelaySeconds
    }

    /// How many repeats a trial may have for `cause`.
    public func allowed(for cause: TrialCause) -> Int {
        charges[cause] ?? (cause == .lost ? Self.defaultLostCharges : 0)
    }

    /// Name under which ``firstDelaySeconds`` stands among the causes.
    private static let delayKey = "delay"

    /// Stored as a mapping from cause to number, with `delay` beside the causes where the file gives one.
    public init(from decoder: any Decoder) throws {
        let numbers = try [String: Double](from: decoder)
        charges = [:]
        for (text, number) in numbers where text != Self.delayKey {
            guard let cause = TrialCause(rawValue: text), let count = Int(exactly: number) else {
                let reason = "\"\(text)\": \(number) is no cause of a trial's end with a number of repeats"
                throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: reason))
            }
            charges[cause] = count
        }
        firstDelaySeconds = numbers[Self.delayKey]
    }

    /// Stored as a mapping from cause to number, with `delay` beside the causes where there is one.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (cause, count) in charges { try container.encode(count, forKey: Key(cause.rawValue)) }
        try container.encodeIfPresent(firstDelaySeconds, forKey: Key(Self.delayKey))
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ text: String) { stringValue = text }
        init(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}
