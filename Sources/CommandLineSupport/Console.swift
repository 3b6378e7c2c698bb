import Glibc
import Synchronization

/// Standard output and error as whole lines, written at once, so that two tasks never mix within a line.
public enum Console {
    /// Writes a line to standard output.
    public static func print(_ line: String) { write(Array((line + "\n").utf8), to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    public static func printError(_ line: String) { write(Array((line + "\n").utf8), to: STDERR_FILENO) }

    /// Writes bytes as they are to standard error.
    public static func printError(bytes: [UInt8]) { write(bytes, to: STDERR_FILENO) }

    /// Writes bytes as they are to standard output.
    public static func write(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// Takes a whole write over, or declines it by returning `false`.
    public typealias Route = @Sendable (_ bytes: [UInt8], _ descriptor: Int32) -> Bool

    private static let route = Mutex<Route?>(nil)

    /// Offers every later write to `route` first, so that who draws on the terminal can make room for it; `nil` ends that.
    public static func setRoute(_ newRoute: Route?) { route.withLock { $0 = newRoute } }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        if let route = route.withLock({ $0 }), route(bytes, descriptor) { return }
        writeDirectly(bytes, to: descriptor)
    }

    /// Writes bytes past any route.
    public static func writeDirectly(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more (a closed pipe, a full disk): there is no one left to tell.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
