import ExperimentModel
import Foundation

/// The name under which this server leads.
enum ServerIdentity {
    /// A new name, as a worker has one.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let process = ProcessInfo.processInfo
        return WorkerID(host: process.hostName, processID: process.processIdentifier, using: &generator).rawValue
    }
}
