import Glibc

/// Finding a free TCP port, and seeing whether somebody answers on one.
enum LoopbackPort {
    static let host = "127.0.0.1"
    /// A full queue counts as no answer; the caller asks again.
    private static let answerLimitMilliseconds: Int32 = 50

    /// A port that the kernel gives for loopback; nil when it has none.
    static func free() -> Int? {
        bound(port: 0, address: host)
    }

    /// Whether `mongod` could bind the port on loopback and on the other address.
    static func isFree(_ port: Int, listening: StoreListening?) -> Bool {
        guard bound(port: port, address: host) != nil else { return false }
        guard let address = listening?.address, address != host else { return true }
        // Only IPv4 is tried: for the rest, mongod itself says that the port is taken.
        return !StoreListening.isIPv4(address) || bound(port: port, address: address) != nil
    }

    /// Binds as mongod does, and gives the port up again.
    private static func bound(port: Int, address: String) -> Int? {
        guard let number = UInt16(exactly: port) else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var isOn: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
        var target = socketAddress(address, number)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int32 in
                guard bind(descriptor, generic, length) == 0 else { return -1 }
                // Without listen(), SO_REUSEADDR would let a second socket bind beside a bound one.
                guard listen(descriptor, 1) == 0 else { return -1 }
                return getsockname(descriptor, generic, &length)
            }
        }
        return result == 0 ? Int(UInt16(bigEndian: target.sin_port)) : nil
    }

    /// Whether somebody accepts connections; on loopback the kernel answers at once, unless the queue is full.
    static func accepts(_ port: Int) -> Bool {
        guard let number = UInt16(exactly: port), number > 0 else { return false }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var target = socketAddress(host, number)
        let result = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return true }
        guard errno == EINPROGRESS else { return false }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, answerLimitMilliseconds) == 1 else { return false }
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 && failure == 0
    }

    private static func socketAddress(_ address: String, _ port: UInt16) -> sockaddr_in {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &target.sin_addr)
        return target
    }
}
