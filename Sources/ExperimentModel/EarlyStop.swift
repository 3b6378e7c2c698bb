/// The decision of a policy to stop a trial, with the numbers that it went by.
public struct EarlyStop: Sendable, Hashable {
    /// The attempt that is stopped.
    public var attempt: Int
    /// The interval at which it was judged.
    public var interval: Int
    /// The policy that wanted it.
    public var policy: PolicySpecification.Kind
    /// What the trial had reached by then, by the policy's own measure; `nil` when nothing finite.
    public var value: Double?
    /// What it should have reached; `nil` for a policy without such a number.
    public var threshold: Double?
    /// All of it for people: `stopped at interval 5: best 0.61 below 0.66, bandit with slack 0.2 of 0.79`.
    public var message: String
    /// When it was stored, by the database's clock; `nil` until then. No part of the decision itself.
    public var decidedAt: Timestamp?

    /// A decision.
    public init(
        attempt: Int,
        interval: Int,
        policy: PolicySpecification.Kind,
        value: Double?,
        threshold: Double?,
        message: String,
        decidedAt: Timestamp? = nil
    ) {
        self.attempt = attempt
        self.interval = interval
        self.policy = policy
        self.value = value
        self.threshold = threshold
        self.message = message
        self.decidedAt = decidedAt
    }
}
