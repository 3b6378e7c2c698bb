import ArgumentParser
import Execution

/// What `--gpus`, `--gpus-per-trial` and `--count` say together.
struct WorkerGPUs {
    /// `nil` without `--gpus`.
    let pool: GPUPool?
    /// Trials to run at once.
    let slots: Int

    init(_ text: String?, perTrial: Int?, count: Int?, environment: [String: String]) throws {
        guard let text else {
            guard perTrial == nil else {
                throw ValidationError("--gpus-per-trial needs --gpus, such as --gpus 0,1,2,3.")
            }
            pool = nil
            slots = count ?? 1
            return
        }
        let devices = GPUDevices.read(text)
        let each = perTrial ?? 1
        do {
            guard !devices.isEmpty else { throw GPUPool.Failure.count(0) }
            guard (1...devices.count).contains(each) else {
                throw ValidationError("--gpus-per-trial must be from 1 to \(devices.count), the number of --gpus.")
            }
            let directory = environment["HYPER_GPU_LOCKS"].flatMap { $0.isEmpty ? nil : $0 }
            pool = try GPUPool(
                devices: devices,
                perTrial: each,
                lockDirectory: directory ?? GPUPool.defaultLockDirectory
            )
        } catch let failure as GPUPool.Failure {
            throw ValidationError("--gpus: \(failure)")
        }
        let most = devices.count / each
        slots = count ?? most
        guard slots <= most else {
            throw ValidationError("--count \(slots) needs \(slots * each) GPUs, and --gpus names \(devices.count).")
        }
    }
}
