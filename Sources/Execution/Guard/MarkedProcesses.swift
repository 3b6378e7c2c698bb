import Glibc

/// Finds processes by variables of their environment and kills them.
///
/// What a process was given at its birth stands in `/proc/PID/environ`, and its children inherit it, also in other sessions.
/// Only a process that cleared or overwrote its environment is not found.
struct MarkedProcesses: ~Copyable {
    /// Bytes of an environment that are looked at: what stands behind them is not found.
    private static let maximumBytes = 8 << 20

    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    deinit { buffer.deallocate() }

    /// Sends SIGKILL to every process, but this one, that bears all the marks.
    /// - Parameter marks: entries such as `NAME=value`; without any, nobody is meant.
    /// - Returns: how many there were.
    mutating func killAll(bearing marks: [String]) -> Int {
        guard !marks.isEmpty, let directory = opendir("/proc") else { return 0 }
        defer { closedir(directory) }
        let wanted = marks.map { $0.utf8CString }
        let own = getpid()
        var found = 0
        while let entry = readdir(directory) {
            guard let process = Self.number(entry), process > 1, process != own, bears(process, wanted) else {
                continue
            }
            if kill(process, wanted) { found += 1 }
        }
        return found
    }

    /// The number may have gone to another process since it was looked at: it is taken hold of, and looked at again.
    private mutating func kill(_ process: pid_t, _ marks: [ContiguousArray<CChar>]) -> Bool {
        let descriptor = ProcessDescriptor.open(process)
        guard descriptor >= 0 else { return bears(process, marks) && Glibc.kill(process, SIGKILL) == 0 }
        defer { close(descriptor) }
        return bears(process, marks) && ProcessDescriptor.signal(descriptor, SIGKILL)
    }

    /// The process that an entry of `/proc` is about.
    private static func number(_ entry: UnsafeMutablePointer<dirent>) -> pid_t? {
        withUnsafeBytes(of: &entry.pointee.d_name) { name in
            guard let start = name.baseAddress?.assumingMemoryBound(to: CChar.self), isdigit(Int32(start[0])) != 0
            else {
                return nil
            }
            return pid_t(atoi(start))
        }
    }

    /// Whether all marks are entries of a process's environment; not when it has ended or belongs to another user.
    private mutating func bears(_ process: pid_t, _ marks: [ContiguousArray<CChar>]) -> Bool {
        let length = readEnvironment(of: process)
        guard length > 0, let start = buffer.baseAddress else { return false }
        // Each entry ends with NUL, as the marks do.
        return marks.allSatisfy { mark in
            mark.withUnsafeBytes { mark in
                var rest = start
                while rest < start + length {
                    guard let end = memchr(rest, 0, length - (rest - start)) else { return false }
                    let next = UnsafeMutableRawPointer(end) + 1
                    if next - rest == mark.count, let wanted = mark.baseAddress, memcmp(rest, wanted, mark.count) == 0 {
                        return true
                    }
                    rest = next
                }
                return false
            }
        }
    }

    /// Fills the buffer. - Returns: how many bytes there are.
    private mutating func readEnvironment(of process: pid_t) -> Int {
        let descriptor = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var length = 0
        while true {
            if length == buffer.count {
                guard buffer.count < Self.maximumBytes else { return length }
                let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
                larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
                buffer.deallocate()
                buffer = larger
            }
            let count = read(descriptor, buffer.baseAddress.map { $0 + length }, buffer.count - length)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return length }
            length += count
        }
    }
}
