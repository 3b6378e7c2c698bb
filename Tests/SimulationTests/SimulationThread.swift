import Dispatch
import Simulation

/// Runs simulations on a thread of their own, since one takes over the thread that calls it.
///
/// One at a time: the tests beside them share two cores with the databases that they wait for.
enum SimulationThread {
    private static let queue = DispatchQueue(label: "simulation")

    static func run(_ simulation: Simulation) async -> SimulationReport {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: simulation.run()) }
        }
    }
}
