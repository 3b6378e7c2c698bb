public import Coordination

extension CoordinationSettings {
    /// Leases and intervals as the environment asks.
    /// - Throws: ``ProgramFailure`` when the variable makes no sense.
    public init(checking environment: [String: String]) throws {
        if let settings = CoordinationSettings(environment: environment) {
            self = settings
            return
        }
        let (name, allowed) = (Self.leaseVariable, Self.allowedLeaseSeconds)
        let text = TextTable.printable(environment[name] ?? "")
        let standard = Int(CoordinationSettings().trialLease.components.seconds)
        throw ProgramFailure(
            .usage,
            "The environment variable \(name) is \"\(text)\": it must be a number of seconds from "
                + "\(Int(allowed.lowerBound)) to \(Int(allowed.upperBound)). Unset it for the default of \(standard)."
        )
    }
}
