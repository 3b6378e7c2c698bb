extension Trial {
    /// Whether an order reaches the attempt that runs: it holds none that is as strong.
    public func takes(_ order: TrialOrder) -> Bool {
        state == .running && self.order.map { $0 < order } ?? true
    }

    /// running → running: its worker is told what to do with it.
    public mutating func give(_ order: TrialOrder) {
        precondition(takes(order), "only a stronger order replaces another, and only of a running trial")
        self.order = order
        version += 1
    }
}
