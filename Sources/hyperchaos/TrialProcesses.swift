import Foundation
import Glibc

/// Processes of trials, told by their environment.
enum TrialProcesses {
    /// Those of a run, or only those that one worker started.
    /// - Parameter worker: process of the worker, which stands in the name that its trials are told.
    static func running(of run: String, worker: Int32? = nil) -> [Int32] {
        let marker = "\(Places.marker)=\(run)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            // A process may end while we look, and one that has ended has no environment.
            guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
            let entries = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            guard entries.contains(marker), let name = entries.first(where: { $0.hasPrefix("HYPER_WORKER_ID=") }) else {
                return false
            }
            return worker.map { name.contains(":\($0):") } ?? true
        }.sorted()
    }

    /// Ends what is left of a run.
    static func killAll(of run: String) {
        for pid in running(of: run) { kill(pid, SIGKILL) }
    }
}
