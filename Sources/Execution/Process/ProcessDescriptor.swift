import Glibc

/// pidfds: names of processes that, unlike their numbers, never come to mean another process.
enum ProcessDescriptor {
    private typealias SystemCall = @convention(c) (Int, Int, Int, Int, Int) -> Int
    /// Functions of glibc only since 2.36; the numbers are the same on all processors.
    private static let openNumber = 434
    private static let sendSignalNumber = 424
    private static let systemCall = dlsym(nil, "syscall").map { unsafeBitCast($0, to: SystemCall.self) }

    /// A descriptor of a process, close-on-exec, readable when the process has ended.
    /// - Returns: -1 when there is no such process, no descriptor left, or on a kernel without (before 5.3).
    static func open(_ process: pid_t) -> Int32 {
        Int32(truncatingIfNeeded: systemCall?(openNumber, Int(process), 0, 0, 0) ?? -1)
    }

    /// Sends a signal to the very process; 0 only asks whether it is there. - Returns: whether it is there, reaped or not.
    static func signal(_ descriptor: Int32, _ number: Int32) -> Bool {
        systemCall?(sendSignalNumber, Int(descriptor), Int(number), 0, 0) == 0
    }
}
