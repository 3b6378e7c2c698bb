import Foundation
import Testing

@testable import Execution

@Suite("GPUs of a machine")
struct GPUPoolTests {
    private func directory() -> String {
        FileManager.default.temporaryDirectory.appending(path: "gpus-\(UUID().uuidString)").path
    }

    @Test("shares are disjoint, also between pools of one machine, and come back")
    func disjoint() throws {
        let locks = directory()
        defer { try? FileManager.default.removeItem(atPath: locks) }
        let first = try GPUPool(devices: ["0", "1", "2", "3"], perTrial: 2, lockDirectory: locks)
        let second = try GPUPool(devices: ["0", "1", "2", "3"], lockDirectory: locks)
        let pair = try #require(try first.take())
        let single = try #require(try second.take())
        #expect(pair.devices == ["0", "1"] && single.devices == ["2"])
        // One is free, which is not enough for two; it is not kept either.
        #expect(try first.take() == nil)
        let last = try #require(try second.take())
        #expect(last.devices == ["3"])
        #expect(try second.take() == nil)
        single.release()
        single.release()
        last.release()
        let again = try #require(try first.take())
        #expect(again.devices == ["2", "3"] && pair.devices == ["0", "1"])
    }

    @Test("a share that nobody holds any more is free")
    func dropped() throws {
        let locks = directory()
        defer { try? FileManager.default.removeItem(atPath: locks) }
        let pool = try GPUPool(devices: ["0"], lockDirectory: locks)
        do {
            let share = try pool.take()
            #expect(share?.devices == ["0"])
        }
        #expect(try pool.take()?.devices == ["0"])
    }

    @Test("what names no GPU is refused", arguments: ["", "../x", "a b", "-1", "0/1"])
    func names(device: String) {
        #expect(throws: GPUPool.Failure.noDevice(device)) {
            try GPUPool(devices: [device], lockDirectory: directory())
        }
    }

    @Test("the same GPU twice, none, or locks that cannot be made are refused")
    func wrong() throws {
        #expect(throws: GPUPool.Failure.twice("1")) { try GPUPool(devices: ["1", "1"], lockDirectory: directory()) }
        #expect(throws: GPUPool.Failure.count(0)) { try GPUPool(devices: [], lockDirectory: directory()) }
        #expect(throws: GPUPool.Failure.locks(path: "/dev/null", reason: "it is no directory")) {
            try GPUPool(devices: ["0"], lockDirectory: "/dev/null")
        }
    }

    @Test("all are those that the kernel shows, by number; a list is taken as it is")
    func reading() throws {
        let devices = directory()
        defer { try? FileManager.default.removeItem(atPath: devices) }
        try FileManager.default.createDirectory(atPath: devices, withIntermediateDirectories: true)
        for name in ["nvidia10", "nvidia2", "nvidiactl", "nvidia-uvm", "null"] {
            #expect(FileManager.default.createFile(atPath: "\(devices)/\(name)", contents: nil))
        }
        #expect(GPUDevices.read("all", deviceDirectory: devices) == ["2", "10"])
        #expect(GPUDevices.read("0, 1,GPU-8f,,", deviceDirectory: devices) == ["0", "1", "GPU-8f", "", ""])
    }
}
