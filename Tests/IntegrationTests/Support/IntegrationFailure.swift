/// Something that the test itself could not do, or that did not happen in time.
struct IntegrationFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// How long the tests wait for events. All are bounds for a hung program, not measurements: they are many times what a slow
/// machine takes.
enum TimeLimits {
    /// For one event of a running system.
    static let event: Duration = .seconds(90)
    /// For a whole experiment, or for several events in a row.
    static let experiment: Duration = .seconds(150)
    /// For the end of a process that was killed.
    static let death: Duration = .seconds(30)
}
