import ExperimentModel
import Glibc

/// A moment by the clock that counts from the start of the machine and runs on while the machine is suspended.
///
/// It is the same in all processes of a machine, and nobody can set it: what a worker writes, its guard understands.
public struct BootInstant: Sendable, Hashable, Comparable {
    /// Milliseconds since the start of the machine.
    public var milliseconds: Int64

    /// A moment so many milliseconds after the start of the machine.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The moment of the call.
    public static var now: BootInstant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return BootInstant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The moment a while later.
    public func advanced(by duration: Duration) -> BootInstant {
        BootInstant(milliseconds: milliseconds + duration.wholeMilliseconds)
    }

    /// By time.
    public static func < (left: BootInstant, right: BootInstant) -> Bool { left.milliseconds < right.milliseconds }
}
