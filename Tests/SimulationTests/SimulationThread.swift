import Glibc
import Simulation

/// Runs a simulation on a thread of its own: it takes over the thread that calls it.
enum SimulationThread {
    private final class Order: Sendable {
        let simulation: Simulation
        let continuation: CheckedContinuation<SimulationReport, Never>

        init(_ simulation: Simulation, _ continuation: CheckedContinuation<SimulationReport, Never>) {
            self.simulation = simulation
            self.continuation = continuation
        }
    }

    static func run(_ simulation: Simulation) async -> SimulationReport {
        await withCheckedContinuation { continuation in
            let order = Unmanaged.passRetained(Order(simulation, continuation))
            var thread = pthread_t()
            let status = pthread_create(
                &thread,
                nil,
                { raw in
                    guard let raw else { return nil }
                    let order = Unmanaged<Order>.fromOpaque(raw).takeRetainedValue()
                    order.continuation.resume(returning: order.simulation.run())
                    return nil
                },
                order.toOpaque()
            )
            precondition(status == 0, "no thread for a simulation")
            pthread_detach(thread)
        }
    }
}
