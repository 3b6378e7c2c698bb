/// Lease lengths and intervals; one value of it is shared by every part of a process.
public struct CoordinationSettings: Sendable, Hashable {
    /// How long a claim or renewal of a trial lasts.
    public var trialLease: Duration
    /// How long a lead lasts.
    public var leadLease: Duration
    /// How often a leader renews its lead and looks at workers and leases.
    public var leaderInterval: Duration
    /// How long a consumer without news waits before it looks by itself.
    public var pollInterval: Duration

    /// The leases of the design unless changed; tests use shorter ones.
    public init(
        trialLease: Duration = .seconds(30),
        leadLease: Duration = .seconds(6),
        leaderInterval: Duration = .seconds(2),
        pollInterval: Duration = .seconds(1)
    ) {
        self.trialLease = trialLease
        self.leadLease = leadLease
        self.leaderInterval = leaderInterval
        self.pollInterval = pollInterval
    }

    /// How often a worker renews: a third of the lease, so that two renewals may fail.
    public var renewalInterval: Duration { trialLease / 3 }

    /// Name of the variable that sets the trial lease, in seconds.
    public static let leaseVariable = "HYPER_LEASE_SECONDS"
    /// Shortest and longest lease that the variable may set, in seconds.
    public static let allowedLeaseSeconds = 1.0...3600.0

    /// Settings as the environment asks; the leader's lease stays below the trials'.
    /// - Returns: `nil` when `HYPER_LEASE_SECONDS` is not a number within ``allowedLeaseSeconds``.
    public init?(environment: [String: String]) {
        self.init()
        guard let text = environment[Self.leaseVariable] else { return }
        guard let seconds = Double(text), Self.allowedLeaseSeconds.contains(seconds) else { return nil }
        trialLease = .seconds(seconds)
        leadLease = min(leadLease, trialLease)
        leaderInterval = leadLease / 3
    }
}
