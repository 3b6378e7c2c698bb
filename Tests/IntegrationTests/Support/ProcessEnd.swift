import Foundation
import Glibc

/// Waiting for the end of processes that are not our children, by pidfd, so that a reused number does no harm.
enum ProcessEnd {
    private static let pidfdOpenNumber = 434  // The same on every architecture.
    private typealias SystemCall = @convention(c) (Int, Int, Int) -> Int

    /// A descriptor of a process that turns readable at its end; `nil` when it is gone already.
    static func descriptor(of pid: pid_t) -> Int32? {
        // Swift imports no variadic functions, and the C library has a wrapper of its own only since glibc 2.36.
        guard let address = dlsym(nil, "syscall") else { return nil }
        let call = unsafeBitCast(address, to: SystemCall.self)
        let descriptor = Int32(truncatingIfNeeded: call(pidfdOpenNumber, Int(pid), 0))
        return descriptor >= 0 ? descriptor : nil
    }

    /// Waits for the end of a process.
    /// - Throws: ``IntegrationFailure`` when it still runs after the time-out.
    static func wait(for pid: pid_t, _ name: String, timeout: Duration = TimeLimits.event) async throws {
        guard let descriptor = descriptor(of: pid) else { return }
        let hasEnded = await withCheckedContinuation { continuation in
            // A thread of its own, since poll blocks; bounded by the time-out.
            Thread.detachNewThread {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let milliseconds = Int32(timeout.components.seconds * 1000)
                var count = poll(&entry, 1, milliseconds)
                while count < 0, errno == EINTR { count = poll(&entry, 1, milliseconds) }
                close(descriptor)
                continuation.resume(returning: count == 1)
            }
        }
        guard hasEnded else { throw IntegrationFailure("\(name) (process \(pid)) still runs after \(timeout)") }
    }
}
